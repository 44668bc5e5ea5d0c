//! What people type most, for the manual pages of the shell functions.

/// Each function with its examples.
const EXAMPLES: [(&str, &str); 20] = [
    ("workon", "workon web\nworkon .\nworkon"),
    ("deactivate", "workon web\ndeactivate"),
    (
        "mkvirtualenv",
        "mkvirtualenv web\nmkvirtualenv -p 3.12 -i requests web\nmkvirtualenv -a ~/src/web -e '.[dev]' web",
    ),
    ("mkproject", "mkproject web\nmkproject -t django -p 3.12 web"),
    ("mktmpenv", "mktmpenv\nmktmpenv -i httpie"),
    ("cpvirtualenv", "cpvirtualenv web web-2\ncpvirtualenv ~/src/web/.venv web"),
    ("mvvirtualenv", "mvvirtualenv web shop\nmvvirtualenv --dry-run web shop"),
    ("rmvirtualenv", "rmvirtualenv web\nrmvirtualenv web shop\nrmvirtualenv --now web"),
    ("lsvirtualenv", "lsvirtualenv\nlsvirtualenv -b\nlsvirtualenv --sort size 'web*'"),
    ("showvirtualenv", "showvirtualenv web"),
    ("setvirtualenvproject", "setvirtualenvproject\nsetvirtualenvproject web ~/src/web"),
    ("cdproject", "workon -n web\ncdproject"),
    ("cdvirtualenv", "cdvirtualenv\ncdvirtualenv bin"),
    ("cdsitepackages", "cdsitepackages\ncdsitepackages requests"),
    ("lssitepackages", "lssitepackages\nlssitepackages -l"),
    ("add2virtualenv", "add2virtualenv ~/src/library\nadd2virtualenv -d ~/src/library"),
    ("toggleglobalsitepackages", "toggleglobalsitepackages\ntoggleglobalsitepackages -q"),
    ("wipeenv", "workon web\nwipeenv"),
    ("allvirtualenv", "allvirtualenv pip list --outdated\nallvirtualenv python -V"),
    ("virtualenvwrapper", "virtualenvwrapper"),
];

/// The examples of a function, one call in each line.
pub(super) fn of(function: &str) -> &'static str {
    EXAMPLES.iter().find(|(name, _)| *name == function).map_or("", |(_, lines)| lines)
}
