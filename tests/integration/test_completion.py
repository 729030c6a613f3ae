"""The shells themselves complete a command line with what tlswarden completion prints."""

import subprocess

import pytest

from program import binary, environment, run


def bash(directory, line):
    """What bash offers at the end of `line`, which bash itself would have split so."""
    words = line.replace("=", " = ").split(" ") if "=" in line else line.split(" ")
    script = (f"source <({binary()} completion bash)\n"
              f"COMP_WORDS=({' '.join(repr(w) for w in words)})\n"
              "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
              "complete -p tlswarden >/dev/null && _tlswarden\n"
              'printf "%s\\n" "${COMPREPLY[@]}"\n')
    return answer(["bash", "--norc", "-c", script], directory)


def fish(directory, line):
    done = answer(["fish", "--no-config", "-c", f"{binary()} completion fish | source; complete -C '{line}'"], directory)
    return [offer.split("\t")[0] for offer in done]


# Runs in a zsh of its own, at a terminal, for its completion works nowhere else: prints every match between two marks.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PROMPT=; autoload -U compinit; compinit -u -D; source <(BINARY completion zsh)'
zpty -w shell 'zstyle ":completion:*" list-grouped false; LISTMAX=1000'
zpty -w shell 'compadd() { local -a found; builtin compadd -O found "$@"; print -rl -- "match:"${^found}; builtin compadd "$@" }'
zpty -w shell 'report() { compstate[insert]=; compstate[list]=; _main_complete; compstate[insert]=; compstate[list]=; print end:here }'
zpty -w shell 'zle -C report complete-word report; bindkey "^X" report; print "ready:"now'
zpty -r shell output '*ready:now*'
zpty -w -n shell $'LINE\C-X'
zpty -r shell output '*end:here*'
print -r -- $output
"""


def zsh(directory, line):
    shown = answer(["zsh", "-f", "-c", ZSH.replace("BINARY", binary()).replace("LINE", line)], directory)
    return [offer.split("match:", 1)[1].strip() for offer in shown if "match:" in offer and offer.split("match:", 1)[1].strip()]


def answer(command, directory):
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=60, env={**environment(), "TERM": "xterm"})
    assert done.returncode == 0 and "rror" not in done.stderr, done.stderr
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize("shell", [bash, fish, zsh])
@pytest.mark.parametrize("line, offered, not_offered", [
    ("tlswarden ", ["apply", "check", "completion", "delete", "explain"], ["--dry-run", "orders.yaml"]),
    ("tlswarden app", ["apply"], ["check"]),
    ("tlswarden apply --", ["--dry-run", "--filename", "--force-conflicts", "--kubeconfig"], ["--all", "orders.yaml"]),
    ("tlswarden apply --dry-run ", ["client", "none", "server"], ["orders.yaml", "--all"]),
    ("tlswarden check -o ", ["table", "wide", "junit"], ["orders.yaml"]),
    ("tlswarden apply -f ord", ["orders.yaml"], ["--all"]),
    ("tlswarden apply -n ", [], ["orders.yaml", "--dry-run"]),
    ("tlswarden delete ", ["dbe"], ["orders.yaml"]),
    ("tlswarden explain CertificateEx", ["CertificateExpired"], ["ConnectionRefused"]),
    ("tlswarden completion ", ["bash", "fish", "zsh"], ["orders.yaml"]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_it_offers_what_can_stand_there(tmp_path, shell, line, offered, not_offered):
    (tmp_path / "orders.yaml").touch()
    found = [offer.rstrip("= ") for offer in shell(tmp_path, line)]
    assert set(offered) <= set(found)
    assert not set(not_offered) & set(found)


def test_bash_completes_a_value_behind_an_equals_sign(tmp_path):
    assert bash(tmp_path, "tlswarden apply --dry-run=") == ["none", "client", "server"]
    assert bash(tmp_path, "tlswarden apply --dry-run=cl") == ["client"]


def test_a_file_with_a_blank_is_one_offer(tmp_path):
    (tmp_path / "my orders.yaml").touch()
    assert bash(tmp_path, "tlswarden apply -f my") == ["my orders.yaml"]


def test_another_shell_is_refused():
    for arguments in (["completion"], ["completion", "tcsh"]):
        done = run(*arguments)
        assert done.returncode == 3 and "bash" in done.stderr and "fish" in done.stderr
