"""Effects of single studies on a scale on which they can be pooled."""
