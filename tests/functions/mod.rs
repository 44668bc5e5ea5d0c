//! The shell functions: one file for each, its scenarios in every shell.

mod allvirtualenv;
mod cdproject;
mod cdsitepackages;
mod cdvirtualenv;
mod cpvirtualenv;
mod deactivate;
mod mkproject;
mod mktmpenv;
mod mkvirtualenv;
mod mvvirtualenv;
mod rmvirtualenv;
mod setvirtualenvproject;
mod wipeenv;
mod workon;
