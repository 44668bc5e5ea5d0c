//! What the manual pages of the shell functions say beyond the help: what people type most, and what each function reads.

use venvwrap_core::config::variables::{
    PROJECT_HOME, VENVWRAP_PICKER, VIRTUAL_ENV, VIRTUALENV_PYTHON, VIRTUALENVWRAPPER_HOOK_DIR,
    VIRTUALENVWRAPPER_LOG_FILE, VIRTUALENVWRAPPER_PROJECT_FILENAME, VIRTUALENVWRAPPER_PYTHON,
    VIRTUALENVWRAPPER_VIRTUALENV, VIRTUALENVWRAPPER_VIRTUALENV_ARGS, VIRTUALENVWRAPPER_VIRTUALENV_CLONE,
    VIRTUALENVWRAPPER_WORKON_CD, Variable, WORKON_HOME,
};

/// A page about one function.
pub(super) struct Page {
    /// Its name.
    function: &'static str,
    /// One call in each line.
    pub(super) examples: &'static str,
    /// The variables that it obeys.
    pub(super) variables: &'static [Variable],
    /// The hooks that it runs, in their order.
    pub(super) hooks: &'static [&'static str],
    /// The functions that people look for next.
    pub(super) see: &'static [&'static str],
}

const ENTER: &[&str] = &["preactivate", "predeactivate", "postdeactivate", "postactivate"];
const LEAVE: &[&str] = &["predeactivate", "postdeactivate"];
const CREATE: &[&str] = &["premkvirtualenv", "preactivate", "postactivate", "postmkvirtualenv"];
const ACTIVE: &[Variable] = &[VIRTUAL_ENV];
const NAMED: &[Variable] = &[WORKON_HOME, VIRTUALENVWRAPPER_PROJECT_FILENAME];
const CREATION: &[Variable] = &[
    WORKON_HOME,
    VIRTUALENV_PYTHON,
    VIRTUALENVWRAPPER_PYTHON,
    VIRTUALENVWRAPPER_VIRTUALENV,
    VIRTUALENVWRAPPER_VIRTUALENV_ARGS,
    VIRTUALENVWRAPPER_PROJECT_FILENAME,
    VIRTUALENVWRAPPER_WORKON_CD,
    VIRTUALENVWRAPPER_HOOK_DIR,
    VIRTUALENVWRAPPER_LOG_FILE,
];

const PAGES: [Page; 20] = [
    Page {
        function: "workon",
        examples: "workon web\nworkon .\nworkon",
        variables: &[
            WORKON_HOME,
            VIRTUALENVWRAPPER_WORKON_CD,
            VENVWRAP_PICKER,
            VIRTUALENVWRAPPER_PROJECT_FILENAME,
            VIRTUALENVWRAPPER_HOOK_DIR,
            VIRTUALENVWRAPPER_LOG_FILE,
        ],
        hooks: ENTER,
        see: &["deactivate", "mkvirtualenv", "cdproject"],
    },
    Page {
        function: "deactivate",
        examples: "workon web\ndeactivate",
        variables: &[VIRTUAL_ENV, VIRTUALENVWRAPPER_HOOK_DIR, VIRTUALENVWRAPPER_LOG_FILE],
        hooks: LEAVE,
        see: &["workon"],
    },
    Page {
        function: "mkvirtualenv",
        examples: "mkvirtualenv web\nmkvirtualenv -p 3.12 -i requests web\n\
                   mkvirtualenv -a ~/src/web -e '.[dev]' web",
        variables: CREATION,
        hooks: CREATE,
        see: &["mkproject", "mktmpenv", "rmvirtualenv", "workon"],
    },
    Page {
        function: "mkproject",
        examples: "mkproject web\nmkproject -t django -p 3.12 web",
        variables: &[
            WORKON_HOME,
            PROJECT_HOME,
            VIRTUALENV_PYTHON,
            VIRTUALENVWRAPPER_PYTHON,
            VIRTUALENVWRAPPER_VIRTUALENV,
            VIRTUALENVWRAPPER_VIRTUALENV_ARGS,
            VIRTUALENVWRAPPER_PROJECT_FILENAME,
            VIRTUALENVWRAPPER_HOOK_DIR,
            VIRTUALENVWRAPPER_LOG_FILE,
        ],
        hooks: &["premkvirtualenv", "premkproject", "preactivate", "postactivate", "postmkvirtualenv", "postmkproject"],
        see: &["mkvirtualenv", "setvirtualenvproject", "cdproject"],
    },
    Page {
        function: "mktmpenv",
        examples: "mktmpenv\nmktmpenv -i httpie",
        variables: CREATION,
        hooks: CREATE,
        see: &["mkvirtualenv", "deactivate"],
    },
    Page {
        function: "cpvirtualenv",
        examples: "cpvirtualenv web web-2\ncpvirtualenv ~/src/web/.venv web",
        variables: &[
            WORKON_HOME,
            VIRTUALENVWRAPPER_VIRTUALENV_CLONE,
            VIRTUALENVWRAPPER_HOOK_DIR,
            VIRTUALENVWRAPPER_LOG_FILE,
        ],
        hooks: &["precpvirtualenv", "preactivate", "postactivate", "postmkvirtualenv", "postcpvirtualenv"],
        see: &["mvvirtualenv", "mkvirtualenv"],
    },
    Page {
        function: "mvvirtualenv",
        examples: "mvvirtualenv web shop\nmvvirtualenv --dry-run web shop",
        variables: &[WORKON_HOME, VIRTUALENVWRAPPER_HOOK_DIR, VIRTUALENVWRAPPER_LOG_FILE],
        hooks: &["premvvirtualenv", "postmvvirtualenv"],
        see: &["cpvirtualenv", "rmvirtualenv"],
    },
    Page {
        function: "rmvirtualenv",
        examples: "rmvirtualenv web\nrmvirtualenv web shop\nrmvirtualenv --now web",
        variables: &[WORKON_HOME, VIRTUALENVWRAPPER_HOOK_DIR, VIRTUALENVWRAPPER_LOG_FILE],
        hooks: &["prermvirtualenv", "postrmvirtualenv"],
        see: &["mkvirtualenv", "mvvirtualenv"],
    },
    Page {
        function: "lsvirtualenv",
        examples: "lsvirtualenv\nlsvirtualenv -b\nlsvirtualenv --sort size 'web*'",
        variables: &[WORKON_HOME, VIRTUALENVWRAPPER_PROJECT_FILENAME, VIRTUALENVWRAPPER_HOOK_DIR],
        hooks: &["get_env_details"],
        see: &["showvirtualenv", "workon"],
    },
    Page {
        function: "showvirtualenv",
        examples: "showvirtualenv web",
        variables: &[WORKON_HOME, VIRTUALENVWRAPPER_PROJECT_FILENAME, VIRTUALENVWRAPPER_HOOK_DIR],
        hooks: &["get_env_details"],
        see: &["lsvirtualenv"],
    },
    Page {
        function: "setvirtualenvproject",
        examples: "setvirtualenvproject\nsetvirtualenvproject web ~/src/web",
        variables: NAMED,
        hooks: &[],
        see: &["cdproject", "mkproject"],
    },
    Page {
        function: "cdproject",
        examples: "workon -n web\ncdproject",
        variables: &[VIRTUAL_ENV, VIRTUALENVWRAPPER_PROJECT_FILENAME],
        hooks: &[],
        see: &["setvirtualenvproject", "cdvirtualenv"],
    },
    Page {
        function: "cdvirtualenv",
        examples: "cdvirtualenv\ncdvirtualenv bin",
        variables: ACTIVE,
        hooks: &[],
        see: &["cdproject", "cdsitepackages"],
    },
    Page {
        function: "cdsitepackages",
        examples: "cdsitepackages\ncdsitepackages requests",
        variables: ACTIVE,
        hooks: &[],
        see: &["lssitepackages", "cdvirtualenv"],
    },
    Page {
        function: "lssitepackages",
        examples: "lssitepackages\nlssitepackages -l",
        variables: ACTIVE,
        hooks: &[],
        see: &["cdsitepackages"],
    },
    Page {
        function: "add2virtualenv",
        examples: "add2virtualenv ~/src/library\nadd2virtualenv -d ~/src/library",
        variables: ACTIVE,
        hooks: &[],
        see: &["lssitepackages", "toggleglobalsitepackages"],
    },
    Page {
        function: "toggleglobalsitepackages",
        examples: "toggleglobalsitepackages\ntoggleglobalsitepackages -q",
        variables: ACTIVE,
        hooks: &[],
        see: &["add2virtualenv"],
    },
    Page {
        function: "wipeenv",
        examples: "workon web\nwipeenv",
        variables: ACTIVE,
        hooks: &[],
        see: &["rmvirtualenv"],
    },
    Page {
        function: "allvirtualenv",
        examples: "allvirtualenv pip list --outdated\nallvirtualenv python -V",
        variables: &[WORKON_HOME],
        hooks: &[],
        see: &["lsvirtualenv"],
    },
    Page {
        function: "virtualenvwrapper",
        examples: "virtualenvwrapper",
        variables: &[WORKON_HOME, PROJECT_HOME, VIRTUALENVWRAPPER_HOOK_DIR],
        hooks: &[],
        see: &["workon", "mkvirtualenv"],
    },
];

/// The page of a function.
pub(super) fn of(function: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.function == function)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::{FUNCTIONS, Function};
    use venvwrap_core::shell::event::Event;

    #[test]
    fn every_function_has_a_page_and_names_what_exists() {
        let hooks: Vec<_> = Event::all().map(Event::name).collect();
        for function in &FUNCTIONS {
            let page = of(function.name).unwrap();
            assert!(page.examples.contains(function.name), "{}", function.name);
            assert!(page.hooks.iter().all(|hook| hooks.contains(hook)), "{}", function.name);
            assert!(page.see.iter().all(|name| Function::find(name).is_some()), "{}", function.name);
        }
    }
}
