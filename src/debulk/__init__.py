"""Tell selection from effect in the local treatment of metastatic colorectal cancer.

Research use; not a medical device.
"""

from debulk.core.errors import InputError

__version__ = "0.1.0"

__all__ = ["InputError", "__version__"]
