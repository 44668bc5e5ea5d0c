use super::*;

fn parsed(text: &str) -> Vec<(String, String)> {
    let variables = parse(text.as_bytes()).unwrap();
    variables.into_iter().map(|variable| (variable.name, variable.value)).collect()
}

fn value(text: &str) -> String {
    let [(_, value)] = &parsed(text)[..] else { panic!("{text:?}") };
    value.clone()
}

#[test]
fn reads_all_forms_of_an_assignment() {
    for (text, expected) in [
        ("A=1", "1"),
        ("  export\tA = 1  # comment\r\n", "1"),
        ("exported=1", "1"),
        ("A=", ""),
        ("A=#b", ""),
        ("A=a#b", "a#b"),
        ("A='a \"b\" $x \\n #c' # comment", "a \"b\" $x \\n #c"),
        ("A=\"a\\tb\\\"\\$x\\q\"", "a\tb\"$x\\q"),
        ("A=\"one\ntwo\"\n", "one\ntwo"),
        ("A='one\ntwo'\n# end", "one\ntwo"),
        ("A=\"one\\\ntwo\"", "onetwo"),
        ("A=it's", "it's"),
        ("\u{feff}A=é😀", "é😀"),
        ("A=a=b", "a=b"),
    ] {
        assert_eq!(value(text), expected, "{text:?}");
    }
    assert_eq!(parsed("# only\n\n  \n"), []);
}

#[test]
fn nothing_is_run_and_only_what_stands_above_is_expanded() {
    for text in
        ["$(touch PWN)", "`touch PWN`", "1; touch PWN", "$HOME", "${x:-$(touch PWN)}", "$", "${", "$1", "{{ exec(x) }}"]
    {
        assert_eq!(value(&format!("A={text}")), text);
        assert_eq!(value(&format!("A='{text}'")), text);
    }
    let all = parsed("A=1\nB=$A-${A}-$AB-'\nC=\"${B}\\$A\"\nA=$A$A\nD='$A'");
    let expected = [("B", "1-1-$AB-'"), ("C", "1-1-$AB-'$A"), ("A", "11"), ("D", "$A")];
    assert_eq!(all, expected.map(|(name, value)| (name.to_string(), value.to_string())));
}

#[test]
fn errors_name_the_line() {
    for (text, line, problem) in [
        ("A=1\nnonsense", 2, Problem::NoAssignment),
        ("\nA B=1", 2, Problem::Name),
        ("9=1", 1, Problem::Name),
        ("=1", 1, Problem::Name),
        ("A=$(x\nif [ a = b ]; then", 2, Problem::Name),
        ("X=1\nA='a\nb", 2, Problem::Unclosed),
        ("A=\"a\\", 1, Problem::Unclosed),
        ("A='a' b", 1, Problem::AfterQuote),
        ("A=1\nB=\0", 2, Problem::Nul),
    ] {
        assert_eq!(parse(text.as_bytes()), Err((line, problem)), "{text:?}");
    }
    assert_eq!(parse(b"A=1\nB=\xff"), Err((2, Problem::NotUtf8)));
}

#[test]
fn references_to_references_do_not_fill_the_memory() {
    let doubled = |name: u32| format!("V{}=$V{name}$V{name}\n", name + 1);
    let text: String = std::iter::once("V0=0123456789abcdef\n".into()).chain((0..60).map(doubled)).collect();
    assert_eq!(parse(text.as_bytes()), Err((14, Problem::TooLong)));
    let long = "x".repeat(120 << 10);
    for references in ["$A".repeat(9), format!("\"{}\"", "$A\\n".repeat(9))] {
        assert_eq!(parse(format!("A={long}\nB={references}").as_bytes()), Err((2, Problem::TooLong)));
    }
    let many = ["B=$A", "C=$A", "D=$A", "E=$A", "F=$A", "G=$A", "H=$A", "I=$A"].join("\n");
    assert_eq!(parse(format!("A={long}\n{many}").as_bytes()), Err((9, Problem::TooLong)));
    assert!(parse(format!("A={long}\nB=$A").as_bytes()).is_ok());
}

#[test]
fn a_value_that_no_program_could_be_started_with_is_refused() {
    let longest = "x".repeat(128 * 1024 - "LONG=".len() - 1);
    assert_eq!(parse(format!("LONG={longest}").as_bytes()).unwrap().len(), 1);
    assert_eq!(parse(format!("A=1\nLONG={longest}x").as_bytes()), Err((2, Problem::TooLong)));
    let status = std::process::Command::new("true").env("LONG", &longest).status();
    assert!(status.is_ok_and(|status| status.success()));
}

#[test]
fn what_changes_what_runs_must_be_named() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(read(directory.path(), &[]).unwrap(), Settings::default());
    std::fs::write(directory.path().join(".env"), "PATH=.\nA=1\nLD_PRELOAD=./evil.so\n").unwrap();
    let settings = read(directory.path(), &["PATH".into()]).unwrap();
    assert_eq!(settings.refused, ["LD_PRELOAD"]);
    assert_eq!(settings.variables.iter().map(|variable| &*variable.name).collect::<Vec<_>>(), ["PATH", "A"]);
    let names = "PATH path LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES BASH_ENV ENV PROMPT_COMMAND PYTHONSTARTUP PYTHONPATH \
                 PYTHONHOME IFS PS1 PS4 GIT_SSH_COMMAND NODE_OPTIONS VENVWRAP_AUTO_ENV VIRTUAL_ENV PIP_INDEX_URL";
    for name in names.split(' ') {
        assert!(is_dangerous(name), "{name}");
    }
    for name in ["DATABASE_URL", "PYTHONUNBUFFERED", "DJANGO_SETTINGS_MODULE", "PSQL_HOST", "ENVIRONMENT"] {
        assert!(!is_dangerous(name), "{name}");
    }
}

#[test]
fn what_changes_what_is_executed_is_refused_by_its_kind() {
    for name in [
        "MAKEFLAGS",
        "RUSTC_WRAPPER",
        "CMAKE_C_COMPILER_LAUNCHER",
        "TAR_OPTIONS",
        "_JAVA_OPTIONS",
        "SYSTEMD_PAGER",
        "BAT_PAGER",
        "KUBE_EDITOR",
        "FCEDIT",
        "INPUTRC",
        "precmd_functions",
        "chpwd_functions",
        "PYENV_ROOT",
        "DOCKER_HOST",
        "GIT_SSH_COMMAND",
        "SSH_AUTH_SOCK",
        "LD_PRELOAD",
        "DYLD_INSERT_LIBRARIES",
        "PYTHONSTARTUP",
        "PERL5OPT",
        "RUBYOPT",
        "NODE_OPTIONS",
        "npm_config_registry",
        "NPM_CONFIG_REGISTRY",
        "PIP_INDEX_URL",
        "UV_INDEX",
        "CARGO_HOME",
        "BASH_ENV",
        "ENV",
        "PS0",
        "PS4",
        "PROMPT_COMMAND",
        "HISTFILE",
        "LESSOPEN",
        "MANPAGER",
        "BROWSER",
        "http_proxy",
        "ALL_PROXY",
        "Https_Proxy",
        "CC",
        "GOFLAGS",
        "fpath",
        "GNUPGHOME",
    ] {
        assert!(is_dangerous(name), "{name}");
    }
    for name in [
        "DATABASE_URL",
        "DEBUG",
        "SECRET_KEY",
        "DJANGO_SETTINGS_MODULE",
        "FLASK_APP",
        "PORT",
        "HOST",
        "AWS_PROFILE",
        "PYTHONUNBUFFERED",
        "NODE_ENV",
        "PSQL_HOST",
        "REDIS_URL",
        "API_PATH",
        "LOG_LEVEL",
    ] {
        assert!(!is_dangerous(name), "{name}");
    }
}

#[test]
fn what_other_programs_read_as_code_is_refused_too() {
    for name in "VIMINIT EXINIT MYVIMRC VIMRUNTIME NVIM_APPNAME EMACSLOADPATH SCREENRC PSQLRC IRBRC CONDARC MAILRC WGETRC \
                 INPUTRC PHPRC LUA_INIT_5_3 LUA_CPATH_5_4 R_PROFILE_USER R_LIBS_SITE IPYTHONDIR JUPYTER_PATH TEXMFCNF \
                 CONFIG_SITE CONFIG_SHELL DBUS_SYSTEM_BUS_ADDRESS AT_SPI_BUS_ADDRESS GST_PLUGIN_SCANNER GOAUTH GOCACHEPROG \
                 CGO_LDFLAGS JAVACMD AWS_CONFIG_FILE KUBECTL_EXTERNAL_DIFF HELM_PLUGINS CLOUDSDK_PYTHON GH_BROWSER \
                 BORG_RSH BORG_PASSCOMMAND RESTIC_PASSWORD_COMMAND HGMERGE APT_CONFIG RIPGREP_CONFIG_PATH MANROFFOPT TMUX \
                 GVIMINIT _PYTHON_SYSCONFIGDATA_NAME _PYTHON_PROJECT_BASE __PYVENV_LAUNCHER__ PYTEST_PLUGINS PYTEST_ADDOPTS \
                 GUNICORN_CMD_ARGS COVERAGE_PROCESS_START PYSPARK_PYTHON PYSPARK_DRIVER_PYTHON SPARK_HOME HADOOP_HOME \
                 ORACLE_HOME ODBCSYSINI ODBCINSTINI TERRAFORM_CLI_CONFIG_FILE TF_CLI_CONFIG_FILE MYSQL_HOME PGSERVICEFILE \
                 HG LV PDFVIEWER NUMBA_CACHE_DIR TORCH_EXTENSIONS_DIR ACLOCAL_PATH PRE_COMMIT_HOME \
                 PYRIGHT_PYTHON_COMMAND ELECTRON_RUN_AS_NODE LS_OPTIONS TERM TMPPREFIX \
                 POWERLEVEL9K_DIR_CONTENT_EXPANSION PROMPT_EOL_MARK SSL_CERT_FILE REQUESTS_CA_BUNDLE GLIBC_TUNABLES \
                 AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD airflow__core__fernet_key_cmd AIRFLOW__CELERY__BROKER_URL_SECRET"
        .split_whitespace()
    {
        assert!(is_dangerous(name), "{name}");
    }
    for name in "DATA_SRC SRC CRC ARC FORC_RC TF_VAR_region GOOGLE_APPLICATION_CREDENTIALS PROMPT_TEMPLATE PGHOST QT_API GH_TOKEN \
                 CUDA_VISIBLE_DEVICES R_KEY JUPYTER_TOKEN MPLBACKEND LANG LC_ALL TZ START_COMMAND MIX_ENV HF_HOME \
                 AIRFLOW_HOME AIRFLOW_CONFIG MYPYPATH WERKZEUG_DEBUG_PIN AIRFLOW__DATABASE__SQL_ALCHEMY_CONN RUN_CMD API_SECRET"
        .split_whitespace()
    {
        assert!(!is_dangerous(name), "{name}");
    }
}

#[test]
fn what_programs_are_started_with_is_refused_by_how_its_name_ends() {
    for name in "LESSKEY LESSKEY_CONTENT LESSKEYIN_SYSTEM LESSOPEN LESSEDIT LESSHISTFILE LESS_OSC8_man LESS CATALINA_OPTS \
                 SBT_OPTS SPARK_CONF_DIR MAMBARC OMP_TOOL_LIBRARIES AIRFLOW__CORE__PLUGINS_FOLDER SPHINXOPTS SPARK_SUBMIT_OPTS _ZO_FZF_OPTS IBM_JAVA_OPTIONS HADOOP_CLASSPATH HOST_CFLAGS \
                 PUPPETEER_EXECUTABLE_PATH PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH CHROME_PATH CHROME_BIN WEBDRIVER_CHROME_DRIVER \
                 CHROMEWEBDRIVER SASS_BINARY_PATH FFMPEG_BINARY IMAGEIO_FFMPEG_EXE AUTOCONF PYO3_PYTHON SHIV_INTERPRETER \
                 GDAL_DRIVER_PATH GDAL_LIBRARY_PATH LADSPA_PATH LIBVA_DRIVERS_PATH HDF5_PLUGIN_PATH ALSA_PLUGIN_DIR \
                 COREPACK_HOME PLAYWRIGHT_BROWSERS_PATH PEX_PATH PEX_SCRIPT ZSH ZPLUG_HOME PSQL_HISTORY SQLITE_HISTORY \
                 MYSQL_HISTFILE REDISCLI_HISTFILE REDISCLI_RCFILE COVERAGE_RCFILE LITECLI_HISTORY_FILE SPHINXBUILD \
                 UWSGI_EXEC_PRE_APP MAGICK_CONFIGURE_PATH OMPI_MCA_plm_rsh_agent TOX_OVERRIDE CIBW_BEFORE_ALL INVOKE_RUN_SHELL \
                 MAIL mail POWERLINE_COMMAND VSCODE_GIT_ASKPASS_NODE ZIP NVTX_INJECTION64_PATH TG_TF_PATH OCTAVE_SITE_INITFILE \
                 TODOTXT_CFG_FILE LG_CONFIG_FILE MPV_HOME TASKDATA LLDB_DEBUGSERVER_PATH MSAN_SYMBOLIZER_PATH \
                 GTK_IM_MODULE_FILE OPENCL_VENDOR_PATH GHC_PACKAGE_PATH SBCL_CORE LF_CONFIG_HOME MICRO_CONFIG_HOME \
                 VAGRANT_VAGRANTFILE VAGRANT_CWD OCAMLPARAM LEIN_HOME CLJ_CONFIG CLOJURE_HOME SQLPATH MONO_PATH HEX_HOME \
                 TIMEWARRIORDB ELINKS_CONFDIR KREW_ROOT ANTIGEN STACK_YAML CABAL_CONFIG CABAL_DIR BUILDKIT_HOST RCLONE_CONFIG \
                 GLAB_CONFIG_DIR FOSSIL_HOME DIFFPROG ATUIN_CONFIG_DIR VAGRANT_HOME AZURE_CONFIG_DIR \
                 TS_NODE_COMPILER GOPACKAGESDRIVER P4PORT CVSROOT BOTO_CONFIG BLACK_CACHE_DIR PRISMA_QUERY_ENGINE_LIBRARY"
        .split_whitespace()
    {
        assert!(is_dangerous(name), "{name}");
    }
    for name in
        "LESSON LESSONS_URL MAIL_HOST EMAIL ZIP_CODE ZIPCODE RUN_ON_STARTUP LOG_CONFIG_FILE DATABASE_DRIVER DB_OPTIONS FEATURE_FLAGS UPLOAD_PATH MEDIA_LIBRARY PLAYWRIGHT_BASE_URL \
                 VK_TOKEN PEXELS_KEY ZSHOP_KEY TOXICITY_LIMIT HISTORY_DAYS BINARY_NAME ROBIN_KEY COMPOSE_FILE"
            .split_whitespace()
    {
        assert!(!is_dangerous(name), "{name}");
    }
}

#[test]
fn programs_that_tools_start_by_a_variable_are_refused() {
    for name in "ROBOT_OPTIONS REBOT_OPTIONS CARGO CMAKE NINJA SWIG HIPCC BISON FLEX MPICC RUSTFMT PG_CONFIG MYSQL_CONFIG \
                 XML2_CONFIG XSLT_CONFIG GDAL_CONFIG GEOS_CONFIG ICU_CONFIG PYCURL_CURL_CONFIG MIX_EXS REBAR_CONFIG JUSTFILE \
                 JUST_JUSTFILE TF_PLUGIN_CACHE_DIR MSBuildSDKsPath NIXPKGS_CONFIG GRAPHVIZ_DOT TESSERACT_CMD JAVA NODE RUBY LUA \
                 NXF_HOME SNAKEMAKE_PROFILE SCONS_LIB_DIR WAFDIR EM_CONFIG THEANORC THEANO_FLAGS HOUDINI_PATH MAYA_SCRIPT_PATH \
                 NUKE_PATH QGIS_PLUGINPATH DEVELOPER_DIR TF_DATA_DIR VAULT_CONFIG_PATH DC_ENV_ARGS CALCRC \
                 INKSCAPE_PROFILE_DIR FREECAD_USER_HOME TAR"
        .split_whitespace()
    {
        assert!(is_dangerous(name), "{name}");
    }
    for name in "APP_CONFIG FLASK_CONFIG LOGGING_CONFIG NODES JAVA_VERSION RUBY_VERSION TF_VAR_dir CARGOES MAYAN_KEY \
                 VAULT_ADDR VAULT_TOKEN ROBOT_NAME WINERY FLEXIBLE JUST_A_NAME EM_PORT"
        .split_whitespace()
    {
        assert!(!is_dangerous(name), "{name}");
    }
}

#[test]
fn what_no_program_of_a_refused_family_obeys_is_accepted() {
    for name in
        "GIT_SHA GIT_COMMIT GIT_BRANCH GIT_REF GIT_TAG GIT_HASH GIT_REPO SSH_HOST SSH_USER SSH_PORT SSH_KEY_PATH \
                 PYTEST_TIMEOUT TOX_ENV NOX_ENV ANSIBLE_HOST_KEY_CHECKING GIT_AUTHOR_NAME GIT_PYTHON_REFRESH"
            .split_whitespace()
    {
        assert!(!is_dangerous(name), "{name}");
    }
    for name in "GIT_DIR GIT_SSH GIT_EXEC_PATH GIT_CONFIG_COUNT GIT_PYTHON_GIT_EXECUTABLE GIT_ASKPASS GIT_EDITOR git_sha_pager \
                 SSH_ASKPASS SSH_SK_PROVIDER ANSIBLE_CONFIG ANSIBLE_STDOUT_CALLBACK TOX_OVERRIDE NOXPYTHON PYTEST_PLUGINS \
                 UWSGI_HTTP UWSGI_PROCESSES"
        .split_whitespace()
    {
        assert!(is_dangerous(name), "{name}");
    }
}

#[test]
fn libraries_that_common_programs_load_by_a_variable_are_refused() {
    for name in "SDL_DYNAMIC_API SDL3_DYNAMIC_API PJRT_NAMES_AND_LIBRARY_PATHS NCCL_PROFILER_PLUGIN NCCL_TUNER_PLUGIN \
                 PXR_PLUGINPATH_NAME ALEMBIC_CONFIG"
        .split_whitespace()
    {
        assert!(is_dangerous(name), "{name}");
    }
    for name in "SDL_VIDEODRIVER NCCL_DEBUG NCCL_SOCKET_IFNAME PJRT_DEVICE PXR_VERSION ALEMBIC_URL".split_whitespace() {
        assert!(!is_dangerous(name), "{name}");
    }
}

#[test]
fn what_a_shell_keeps_for_itself_cannot_be_granted() {
    let directory = tempfile::tempdir().unwrap();
    let names = [
        "PPID",
        "status",
        "argv",
        "LINENO",
        "UID",
        "EUID",
        "GID",
        "pipestatus",
        "version",
        "BASHOPTS",
        "USERNAME",
        "FUNCNEST",
        "TMOUT",
        "KEYTIMEOUT",
        "functions_source",
    ];
    let granted: Vec<String> =
        ["PATH"].iter().chain(&names).filter(|name| **name != "BASHOPTS").map(ToString::to_string).collect();
    let lines: Vec<String> = names.iter().map(|name| format!("{name}=1\n")).collect();
    std::fs::write(directory.path().join(FILE_NAME), format!("A=1\n{}PATH=/x\nB=2\n", lines.concat())).unwrap();
    let settings = read(directory.path(), &granted).unwrap();
    let set: Vec<_> = settings.variables.iter().map(|variable| variable.name.as_str()).collect();
    assert_eq!(set, ["A", "PATH", "B"]);
    assert_eq!(settings.refused, names);
    let programs: Vec<_> = settings.for_programs.iter().map(|variable| variable.name.as_str()).collect();
    assert_eq!(programs, ["UID", "GID", "USERNAME"]);
}

#[test]
fn a_name_that_is_assigned_again_moves_to_the_end() {
    let expected = [("B", "2"), ("A", "3")].map(|(name, value)| (name.to_string(), value.to_string()));
    assert_eq!(parsed("A=1\nB=2\nA=3\n"), expected);
    // Every name is looked up once: as many as a file can hold take no longer for each.
    let many: Vec<String> = (0..100_000).map(|number| format!("N{number}=\n")).collect();
    assert_eq!(parse(many.concat().as_bytes()).unwrap().len(), 100_000);
}
