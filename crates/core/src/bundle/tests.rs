//! What is installed, made into wheels and installed again.
