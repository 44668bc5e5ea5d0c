//! Installing pip (and setuptools) into a new environment from wheels that the machine already has.
