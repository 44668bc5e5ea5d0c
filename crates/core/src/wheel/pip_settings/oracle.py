"""Answers each line of variables with the settings of `pip install` that pip reads with them."""

import os
import sys

from pip._internal import configuration
from pip._internal.commands import create_command
from pip._internal.models.format_control import FormatControl

PLACE = sys.argv[1]
KEYS = (
    "index_url extra_index_urls no_index find_links trusted_hosts cert proxy timeout retries pre ignore_dependencies "
    "require_hashes constraints keyring_provider prefer_binary build_isolation target_dir use_user_site"
).split()

# The files of this machine are none of the test's.
site = configuration.appdirs.site_config_dirs
configuration.appdirs.site_config_dirs = lambda name: [found for found in site(name) if found != "/etc"]
sys.prefix = os.path.join(PLACE, "env")
parser = create_command("install").parser


def encoded(value):
    if isinstance(value, (list, set)):
        return ",".join(encoded(one) for one in value)
    if isinstance(value, (bool, int)) and not isinstance(value, float):
        value = int(value)
    return str(value).encode("utf-8", "surrogateescape").hex()


def answer():
    parser.config = configuration.Configuration(isolated=False)
    parser.defaults["format_control"] = FormatControl(set(), set())
    try:
        values = vars(parser.get_default_values())
    except SystemExit:
        return "refused"
    except Exception as error:
        return "failed " + type(error).__name__
    formats = values["format_control"]
    values = {key: values[key] for key in KEYS if key in values}
    values["no_binary"] = sorted(formats.no_binary)
    values["only_binary"] = sorted(formats.only_binary)
    return "\t".join(key + "=" + encoded(value) for key, value in values.items())


sys.stderr = open(os.devnull, "w")
answers = sys.stdout
sys.stdout = sys.stderr
is_strict = hasattr(configuration, "_RawConfigParser")
print("new" if is_strict else "old", file=answers, flush=True)
for line in sys.stdin:
    os.environ.clear()
    for word in line.split():
        name, value = (os.fsdecode(bytes.fromhex(part)) for part in word.split("="))
        os.environ[name] = value
    print(answer(), file=answers, flush=True)
