//! Reading and editing `pyvenv.cfg`.
