//! Variables that change what is executed, rather than what a program is told.

use super::special::is_special;

/// Names that shells, the dynamic linker, languages, build tools and common programs obey, in capitals.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    // Where programs and files are looked for.
    "PATH", "HOME", "SHELL", "TMPDIR", "TEMP", "TMP", "TMPPREFIX", "MANPATH", "INFOPATH", "TERMINFO", "TERMINFO_DIRS", "TERMCAP", "TERM",
    // Shells: start-up files, functions, prompts, history.
    "SHELLOPTS", "BASHOPTS", "ENV", "CDPATH", "FPATH", "MODULE_PATH", "MAIL", "MAILPATH", "IFS", "GLOBIGNORE", "FIGNORE",
    "EXECIGNORE", "PROMPT", "PROMPT2", "PROMPT3", "PROMPT4", "PROMPT_COMMAND", "PROMPT_DIRTRIM", "PROMPT_EOL_MARK", "RPROMPT", "RPROMPT2",
    "RPS1", "RPS2", "SPROMPT", "PSVAR", "ZDOTDIR", "ZLS_COLORS", "READNULLCMD", "NULLCMD", "HISTFILE", "HISTCONTROL",
    "FCEDIT", "HISTCMD", "HISTIGNORE", "TIMEFMT", "WATCHFMT", "POSIXLY_CORRECT", "WORDCHARS", "TEXTDOMAIN",
    "TEXTDOMAINDIR", "COMP_WORDBREAKS", "COMPREPLY", "STARSHIP_CONFIG", "STARSHIP_SHELL", "TMUX", "TMUX_TMPDIR",
    // This program and its kin.
    "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "WORKON_HOME", "PROJECT_HOME", "CONDA_PREFIX", "CONDA_EXE",
    // Programs that other programs start.
    "VISUAL", "MORE", "MOST_INITFILE", "LV", "LS_OPTIONS", "HG", "MAILER", "MAILCAPS", "MANOPT", "MANROFFOPT", "SUDO_COMMAND",
    "TERMINAL", "HGMERGE", "SVN_MERGE", "TEXEDIT", "MC_XDG_OPEN", "KUBECTL_EXTERNAL_DIFF", "GH_PATH", "GETCONF_DIR",
    "PERF_EXEC_PATH", "PERF_CONFIG", "GUNICORN_CMD_ARGS", "CHROME_PATH", "CHROMIUM_PATH", "EDGE_PATH", "FIREFOX_PATH",
    "LIGHTHOUSE_CHROMIUM_PATH", "PLAYWRIGHT_BROWSERS_PATH", "SE_MANAGER_PATH", "SE_BROWSER_PATH", "SE_CACHE_PATH",
    "PYPANDOC_PANDOC", "SPHINXBUILD", "PROTOC", "P4DIFF", "P4MERGE", "P4PORT", "P4ENVIRO", "P4ALIASES", "CVSROOT",
    "CVS_SERVER", "GOPACKAGESDRIVER", "RAY_RUNTIME_ENV_HOOK", "I_MPI_HYDRA_BOOTSTRAP_EXEC", "SLURM_CONF",
    // Start-up files of programs, and where they look for their extensions.
    "EXINIT", "GVIMINIT", "VIM", "EMACSLOADPATH", "EMACSPATH", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH",
    "JUPYTER_DATA_DIR", "JUPYTER_PATH", "PGSYSCONFDIR", "PGSERVICEFILE", "MYSQL_HOME", "COVERAGE_PROCESS_START",
    "NUMBA_CACHE_DIR", "TRITON_CACHE_DIR", "TORCH_EXTENSIONS_DIR", "LIBMYSQL_PLUGINS", "LIBMYSQL_PLUGIN_DIR", "RIPGREP_CONFIG_PATH",
    "BAT_CONFIG_PATH", "BAT_CONFIG_DIR", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "CLOUDSDK_CONFIG",
    "AZURE_CONFIG_DIR", "AZURE_EXTENSION_DIR", "GH_CONFIG_DIR", "APT_CONFIG", "P4CONFIG", "CONDARC", "MAMBARC", "JJ_CONFIG", "TERRAGRUNT_TFPATH", "SE_CHROMEDRIVER", "SE_GECKODRIVER", "SE_EDGEDRIVER",
    "SPARK_CONF_DIR", "HADOOP_CONF_DIR", "HIVE_CONF_DIR", "HBASE_CONF_DIR", "FLINK_CONF_DIR", "ZOOCFGDIR", "PTPYTHON_CONFIG_HOME", "IDLESTARTUP",
    "AIRFLOW__CORE__PLUGINS_FOLDER", "HF_MODULES_CACHE", "TORCH_HOME", "TORCHINDUCTOR_CACHE_DIR", "MODULEPATH",
    "MODULESHOME", "TEXINPUTS", "TERRAFORM_CONFIG", "TERRAFORM_CLI_CONFIG_FILE",
    "ZSH", "ZIM_HOME", "ADOTDIR", "OSH", "OMF_PATH", "OMF_CONFIG", "HISTEDIT", "NU_LIB_DIRS", "NU_PLUGIN_DIRS",
    "TIGRC_USER", "TIGRC_SYSTEM", "TIG_SCRIPT", "LYNX_CFG", "MC_DATADIR", "MC_PROFILE_ROOT", "BOTO_CONFIG", "BOTO_PATH",
    "BZR_HOME", "PM2_HOME", "MPLCONFIGDIR", "PYLINTHOME", "BLACK_CACHE_DIR", "JUPYTERLAB_DIR", "DASK_CONFIG",
    "DASK_ROOT_CONFIG", "GDAL_CONFIG_FILE", "GS_LIB", "GS_OPTIONS", "GVBINDIR", "LUAINPUTS", "MATLABPATH",
    "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES",
    // Compilers, build tools and archivers.
    "CC", "CXX", "CPP", "LD", "AR", "AS", "NM", "RANLIB", "STRIP", "FC", "LDSHARED", "CFLAGS", "CXXFLAGS", "CPPFLAGS",
    "LDFLAGS", "FFLAGS", "CCC_OVERRIDE_OPTIONS", "DEPENDENCIES_OUTPUT", "CONFIG_SITE", "ACLOCAL_PATH", "CONFIG_SHELL", "SCONSFLAGS", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX",
    "MAKE", "MAKEFLAGS", "MFLAGS", "GNUMAKEFLAGS", "MAKEFILES", "MAKESHELL", "MAKEOVERRIDES", "NINJA_STATUS", "RUSTC",
    "RUSTDOC", "RUSTFLAGS", "RUSTDOCFLAGS", "TAR_OPTIONS", "TAPE", "RSH", "UNZIP", "UNZIPOPT", "ZIP", "ZIPOPT", "GZIP", "BZIP",
    "BZIP2", "XZ_OPT", "XZ_DEFAULTS", "ZSTD_CLEVEL", "RSYNC_RSH", "RSYNC_CONNECT_PROG", "CVS_RSH", "SVN_SSH", "HGRCPATH",
    "GREP_OPTIONS", "AWKPATH", "AWKLIBPATH", "M4PATH", "AUTOCONF", "AUTOHEADER", "AUTOMAKE", "AUTOM4TE", "AUTOPOINT",
    "AUTORECONF", "ACLOCAL", "LIBTOOL", "LIBTOOLIZE", "M4", "YACC", "LEX", "SED", "AWK", "GREP", "EGREP", "FGREP", "F77",
    "F90", "OBJC", "OBJCOPY", "OBJDUMP", "READELF", "DLLTOOL", "WINDRES", "NVCC", "CUDACXX", "CUDAHOSTCXX",
    "NVCC_PREPEND_FLAGS", "NVCC_APPEND_FLAGS", "CUDA_HOME", "CUDA_PATH", "ROCM_HOME", "ROCM_PATH", "XLA_FLAGS",
    "TF_XLA_FLAGS", "LLVM_CONFIG", "LLVM_CONFIG_PATH", "LIBCLANG_PATH", "CLANG_PATH", "DEBUGINFOD_URLS",
    // Those that extension modules are built with, and what says where a library is: it is run.
    "CARGO", "CMAKE", "NINJA", "MESON", "SWIG", "SWIG_LIB", "SWIG_FEATURES", "HIPCC", "HIPCXX", "BISON", "BISON_PKGDATADIR", "FLEX",
    "F95", "CXXCPP", "OBJCXX", "LDCXXSHARED", "BLDSHARED", "LINKCC", "RUSTFMT", "BINDGEN_EXTRA_CLANG_ARGS", "FLATC", "CAPNP", "QMAKE",
    "QMAKESPEC", "QMAKEFEATURES", "APXS", "MPICC", "MPICXX", "MPIEXEC", "OMPI_CC", "OMPI_CXX", "MPICH_CC", "MPICH_CXX", "DEVELOPER_DIR",
    "SDKROOT", "PETSC_DIR", "DIST_EXTRA_CONFIG", "PG_CONFIG", "MYSQL_CONFIG", "MARIADB_CONFIG", "XML2_CONFIG", "XSLT_CONFIG",
    "GDAL_CONFIG", "GEOS_CONFIG", "ICU_CONFIG", "CURL_CONFIG", "PYCURL_CURL_CONFIG", "FREETYPE_CONFIG", "SDL_CONFIG", "SDL2_CONFIG",
    "WX_CONFIG", "NETSNMP_CONFIG", "CUPS_CONFIG", "APR_CONFIG", "APU_CONFIG", "GPGME_CONFIG", "GPG_ERROR_CONFIG", "GSL_CONFIG",
    "PCRE_CONFIG", "XMLSEC_CONFIG", "NC_CONFIG", "EM_CONFIG", "EM_CACHE", "EMSDK", "EMCC", "THEANORC", "THEANO_FLAGS", "AESARARC",
    "AESARA_FLAGS", "PYTENSOR_FLAGS", "CYTHON_CACHE_DIR", "CUPY_CACHE_DIR", "JAX_COMPILATION_CACHE_DIR", "CFFI_TMPDIR", "WAFDIR",
    // Languages.
    "JAVA", "JAVAC", "NODE", "RUBY", "LUA", "LUAJIT", "PHP", "RSCRIPT", "JULIA", "TCLSH", "MIX_EXS", "REBAR_CONFIG",
    "RUBYLIB", "RUBYOPT", "RUBYPATH", "RUBYSHELL", "GEM_HOME", "GEM_PATH", "BUNDLE_GEMFILE", "JAVA_HOME", "JDK_HOME", "SPARK_HOME", "HADOOP_HOME", "HIVE_HOME", "ORACLE_HOME", "JAVACMD", "ANT_ARGS", "ANT_HOME", "M2_HOME",
    "JRE_HOME", "CATALINA_HOME", "CATALINA_BASE", "GROOVY_HOME", "KOTLIN_HOME", "SCALA_HOME", "COMPOSER", "COMPOSER_HOME", "JAVA_TOOL_OPTIONS",
     "GOFLAGS", "GOROOT", "GOPATH", "GOPROXY", "GOBIN",
    "GOENV", "GOAUTH", "GOCACHEPROG", "GOVCS", "GOWORK", "GOSUMDB", "GOTOOLDIR", "GOTOOLCHAIN", "GONOSUMDB", "GONOSUMCHECK", "GOINSECURE", "GOPRIVATE", "PHP_INI_SCAN_DIR",
    "TCLLIBPATH", "TCL_LIBRARY", "TK_LIBRARY", "R_HOME", "JULIA_LOAD_PATH", "JULIA_DEPOT_PATH", "JULIA_PROJECT",
    "ELIXIR_ERL_OPTIONS", "MIX_HOME", "MIX_ARCHIVES", "OCAMLRUNPARAM", "OCAMLPATH", "CAML_LD_LIBRARY_PATH", "PSMODULEPATH",
    // Libraries that load code or change whom a program trusts.
    "GCONV_PATH", "LOCPATH", "NLSPATH", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "OPENSSL_CONF", "OPENSSL_MODULES",
    "OPENSSL_ENGINES", "SSLKEYLOGFILE", "CURL_HOME",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "KRB5_CONFIG", "GSS_MECH_CONFIG", "GTK_PATH", "GTK_MODULES", "GTK_EXE_PREFIX",
    "QT_PLUGIN_PATH", "QML_IMPORT_PATH", "QML2_IMPORT_PATH", "GI_TYPELIB_PATH", "VK_ICD_FILENAMES", "VK_LAYER_PATH",
    "LIBGL_DRIVERS_PATH", "OCL_ICD_VENDORS", "CUDA_INJECTION64_PATH", "ALSA_CONFIG_PATH", "MALLOC_CHECK_", "MALLOC_TRACE",
    "GLIBC_TUNABLES", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "SASL_PATH", "GNUPGHOME",
    "LADSPA_PATH", "DSSI_PATH", "LV2_PATH", "VST_PATH", "VST3_PATH", "LXVST_PATH", "CLAP_PATH", "VAMP_PATH", "FREI0R_PATH",
    "MLT_REPOSITORY", "PULSE_SCRIPT", "PULSE_DLPATH", "PULSE_CLIENTCONFIG", "HDF5_VOL_CONNECTOR", "VK_DRIVER_FILES",
    "VK_ADD_DRIVER_FILES", "VK_ADD_LAYER_PATH", "OCL_ICD_FILENAMES", "OMP_TOOL_LIBRARIES", "GBM_BACKENDS_PATH", "NCCL_NET_PLUGIN", "NCCL_TUNER_PLUGIN",
    "GPG_AGENT_INFO", "FAKEROOT_LIB", "QTWEBENGINEPROCESS_PATH", "CHROMIUM_FLAGS", "PYQGIS_STARTUP", "PLTCOLLECTS",
    "TODO_ACTIONS_DIR", "LG_CONFIG_FILE",
    // Other machines that commands are sent to.
    "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "CONTAINER_HOST", "CONTAINERS_CONF",
    "KUBECONFIG", "TF_CLI_CONFIG_FILE", "BUILDKIT_HOST",
    // Directories and files of settings that are code, or name programs.
    "OCAMLPARAM", "CLJ_CONFIG", "CLOJURE_HOME", "SQLPATH", "MONO_PATH", "HEX_HOME", "TIMEWARRIORDB", "STACK_YAML",
    "STACK_ROOT", "ANTIGEN", "FOSSIL_HOME", "DIFFPROG", "GHCUP_INSTALL_BASE_PREFIX", "ORACLE_PATH",
    "ROBOT_OPTIONS", "REBOT_OPTIONS", "JUSTFILE", "JUST_JUSTFILE", "JUST_CHOOSER", "TF_DATA_DIR", "TF_PLUGIN_CACHE_DIR",
    "TF_REATTACH_PROVIDERS", "VAULT_CONFIG_PATH", "PULUMI_PYTHON_CMD", "K9SCONFIG", "KUSTOMIZE_PLUGIN_HOME", "NIXPKGS_CONFIG",
    "GRAPHVIZ_DOT", "TESSERACT_CMD", "WKHTMLTOPDF_CMD", "URE_BOOTSTRAP", "UNO_PATH", "LOCUST_LOCUSTFILE", "NUKE_PATH",
    "QGIS_PLUGINPATH", "QGIS_PREFIX_PATH", "QGIS_CUSTOM_CONFIG_PATH", "GIMP2_DIRECTORY", "GIMP3_DIRECTORY", "GISBASE",
    "INKSCAPE_PROFILE_DIR", "FREECAD_USER_HOME", "TAR", "GRASS_ADDON_PATH", "GRASS_ADDON_BASE", "GDAL_VRT_ENABLE_PYTHON", "LFTP_HOME", "CALCRC", "BC_ENV_ARGS", "DC_ENV_ARGS", "BRZ_HOME",
    "BRZ_SSH", "BZR_SSH", "DARCS_SSH", "DARCS_SCP", "DARCS_SFTP", "DARCS_MAILCOMMAND", "NOTMUCH_CONFIG", "WINE", "WINELOADER",
    "WINESERVER", "WINEPREFIX", "WINEDLLPATH",
];

/// Families of such names, in capitals.
#[rustfmt::skip]
const PREFIXES: &[&str] = &[
    "LD_", "DYLD_", "_RLD", "_PYTHON", "__PYVENV", "PYTEST_", "PYSPARK_", "PYRIGHT_PYTHON_", "PRE_COMMIT_",
    "ELECTRON_", "ODBC", "BASH_", "ZSH_", "KSH_", "FISH_", "__FISH", "PYTHON", "PIP_", "PIPX_", "PIPENV_", "POETRY_",
    "PDM_", "UV_", "PYENV", "RYE_", "CONDA_", "MAMBA_", "VIRTUALENV", "VENVWRAP_", "_VENVWRAP", "__VENVWRAP", "_OLD_",
    "DIRENV_", "MISE_", "RTX_", "ASDF_", "RBENV_", "NODENV_", "NVM_", "SDKMAN_", "VOLTA_", "GIT_", "SSH_", "SUDO_",
    "PERL", "RUBYGEMS_", "BUNDLE_", "NODE_", "NPM_", "YARN_", "PNPM_", "BUN_", "DENO_", "CARGO_", "RUSTUP_", "RUSTC_",
    "MAVEN_", "GRADLE_", "CMAKE_", "CTEST_", "NINJA_", "MESON_", "CCACHE_", "SCCACHE_", "DISTCC_", "HOMEBREW_", "NIX_",
    "XDG_", "SYSTEMD_", "GDB", "PKG_CONFIG", "ANSIBLE_", "FZF_", "CORECLR_", "COR_", "DOTNET_", "COMPLUS_",
    "VIMINIT", "VIMRUNTIME", "NVIM_", "GROFF_", "TEXMF", "DBUS_", "GIO_", "GST_", "GDK_PIXBUF_MODULE", "CGO_", "R_PROFILE",
    "R_ENVIRON", "R_LIBS", "LUA_INIT", "LUA_PATH", "LUA_CPATH", "GUILE_", "ERL_", "OPAM", "CLOUDSDK_PYTHON", "HELM_",
    "TF_CLI_", "CONTAINERS_", "PODMAN_", "BUILDAH_", "PASSWORD_STORE_", "LMOD_", "VALGRIND_", "POWERLEVEL9K_", "POWERLINE_", "VSCODE_", "OCTAVE_", "TODOTXT_", "MPV_", "HELIX_", "KAKOUNE_", "YAZI_", "BLENDER_", "SBCL_",
    "TASKDATA",
    "P9K_", "SPACESHIP_", "POSH_", "ZPLUG_", "ZINIT", "ZGEN", "ANTIGEN_", "ANTIBODY_", "XONSH", "BYOBU_", "SKIM_", "NNN_",
    "PEX_", "SHIV_", "HATCH_", "TOX_", "NOX", "INVOKE_", "TWINE_", "CIBW_", "SKBUILD_", "MATURIN_", "UWSGI_", "TRITON_",
    "COREPACK_", "PUPPETEER_", "TS_NODE_", "MAGICK_", "GNUPLOT_", "OMPI_MCA_", "PRTE_MCA_", "PMIX_MCA_", "HYDRA_LAUNCHER",
    "CONAN_", "VCPKG_", "BAZELISK_", "PULUMI_HOME", "PACKER_", "SPACK_", "EASYBUILD_", "GUIX_", "PIXI_", "FNM_", "JENV_",
    "VAGRANT_", "LEIN_", "CABAL_", "KREW_", "BUILDKIT_CONFIG", "OCAMLRUNPARAM", "CAML_LD_", "CAMLLIB", "OCAMLLIB", "OCAMLPATH", "OCAMLFIND_",
    "MSBUILD", "NXF_", "SNAKEMAKE_", "SCONS_", "HOUDINI_", "MAYA_",
    "PHPENV_", "PLENV_", "TFENV_", "KITTY_CONFIG", "WEZTERM_CONFIG", "ZELLIJ_CONFIG", "__EGL_VENDOR_", "__GLX_VENDOR_",
];

/// How the names end of programs that others start, of their options, of what they load, of functions that zsh calls, of
/// start-up files, of files that every line typed is written to, and of the machine through which packages are fetched or
/// those whom a program trusts, in capitals.
#[rustfmt::skip]
const SUFFIXES: &[&str] = &[
    "PAGER", "EDITOR", "BROWSER", "VIEWER", "OPENER", "ASKPASS", "PASSCOMMAND", "PASSWORD_COMMAND", "_RSH", "_WRAPPER", "_LAUNCHER",
    "_FUNCTIONS", "_LINKER", "_RUNNER", "_PRELOAD", "_PROXY", "_PROXY_COMMAND", "_BUS_ADDRESS", "_CA_BUNDLE",
    "OPTS", "JAVA_OPTIONS", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "CLASSPATH", "RCFILE", "HISTFILE", "_HISTORY",
    "_HISTORY_FILE", "_PYTHON", "_INTERPRETER", "_SHELL", "_COMPILER", "_BIN", "_EXE", "_BINARY", "_JAVA_CMD",
    "_NODEJS_PATH", "_DRIVER_PATH", "_DRIVERS_PATH", "_PLUGIN_PATH", "_PLUGINS_PATH", "_PLUGIN_DIR", "_MODULE_PATH",
    "_MODULE_DIR", "_LIBRARY_PATH", "_ENGINE_LIBRARY", "_DOWNLOAD_HOST",
    "_CONFIG_DIR", "_CONFDIR", "_CONFIG_HOME", "RCLONE_CONFIG", "DIFFPROG", "_SYMBOLIZER_PATH", "INITFILE", "INJECTION64_PATH", "_DEBUGSERVER_PATH", "_VENDOR_PATH", "_PACKAGE_PATH",
    "_MODULE_FILE", "_TF_PATH", "_TFPATH",
];

/// Parts of the names of programs that others start, in capitals.
const PARTS: &[&str] = &["EXECUTABLE", "WEBDRIVER", "_BINARY_"];
/// Families in which one ending makes a value a command, or what names one, in capitals: Airflow runs what `AIRFLOW__A__B_CMD`
/// holds to find the option `B`, and asks a program for what `_SECRET` names.
const ENDINGS: &[(&str, &[&str])] = &[("AIRFLOW__", &["_CMD", "_SECRET"])];

/// Letters that make another word of a name that ends in RC: it is no start-up file, but a source or a checksum.
const BEFORE_RC: [u8; 4] = *b"ACOS";

/// Variables of these families that only say how a program runs, not what.
const HARMLESS: &[&str] = &[
    "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONUTF8",
    "PYTHONIOENCODING",
    "PYTHONFAULTHANDLER",
    "PYTHONDEVMODE",
    "PYTHONTRACEMALLOC",
    "PYTHONASYNCIODEBUG",
    "NODE_ENV",
    "CARGO_TERM_COLOR",
    "PIPENV_VERBOSITY",
];

/// Returns whether a variable of this name could run something, send a program elsewhere for its code, or be one that a
/// shell keeps for itself.
pub fn is_dangerous(name: &str) -> bool {
    if HARMLESS.contains(&name) {
        return false;
    }
    // zsh ties `path`, `cdpath` and others to the variable in capitals; tools read `http_proxy` and `npm_config_...`.
    let capitals = name.to_ascii_uppercase();
    // Not `PSQL_HOST`: of the prompts only `PS` and a digit.
    let is_prompt = capitals.strip_prefix("PS").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    let is_start_up_file = capitals.strip_suffix("RC").is_some_and(|stem| {
        stem.bytes().last().is_some_and(|last| last.is_ascii_alphabetic() && !BEFORE_RC.contains(&last))
    });
    is_prompt
        || is_start_up_file
        || is_of_less(&capitals)
        || is_special(name)
        || PREFIXES.iter().any(|prefix| capitals.starts_with(prefix))
        || SUFFIXES.iter().any(|suffix| capitals.ends_with(suffix))
        || PARTS.iter().any(|part| capitals.contains(part))
        || ENDINGS.iter().any(|(prefix, endings)| {
            capitals.starts_with(prefix) && endings.iter().any(|ending| capitals.ends_with(ending))
        })
        || NAMES.contains(&capitals.as_str())
}

/// Returns whether `less` reads a variable of this name: it runs what several of them say, and each release has more.
fn is_of_less(capitals: &str) -> bool {
    capitals.starts_with("LESS") && !capitals.starts_with("LESSON")
}
