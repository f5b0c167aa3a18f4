"""What a reader sees of an emulated trial: flow, weights, balance, curves, methods, laboratory."""
