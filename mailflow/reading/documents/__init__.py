"""One reader per shape of form: bytes or text to label and value pairs."""
