"""Checks of the vault, the volumes, the variables of roles and the staged artefacts, made before any host is touched.

Each check returns sentences: what is wrong, where, and what to do. Only the standard library is used, so that the
checks can be tried without Ansible.
"""

import difflib
import hashlib
import json
import os
import re

INVENTORY = "ansible/inventory/hosts.yml"
VAULT = "ansible/inventory/group_vars/all/vault.yml"
CHECKSUMS = "ansible/inventory/group_vars/all/checksums.yml"
# What every value of vault.example.yml starts with.
PLACEHOLDER = "replace-me"
# RFC 2606 keeps these names for examples; as one label among others it stands for the name of an account.
EXAMPLE_ADDRESS = re.compile(r"https?://(?:[\w-]+\.)*example\.[\w.-]+[^\s\"']*", re.IGNORECASE)


def volume_problems(volumes_file, groups):
    """Volumes that the rendered manifests pin to hosts which the inventory has not, so that nobody makes their folders."""
    if not os.path.exists(volumes_file):
        return [f"{volumes_file} is missing: run `npm run synth`, which writes where the volumes lie."]
    with open(volumes_file, encoding="utf-8") as file:
        volumes = json.load(file)["volumes"]
    nodes = [*groups.get("server", []), *groups.get("agent", [])]
    return [
        f"dist/volumes.json: {volume['name']} lies on {volume['node']}, which is no node of {INVENTORY}; name another node in "
        "facts/settings.ts, run `npm run synth` and commit."
        for volume in volumes
        if volume["node"] not in nodes
    ]


def vault_problems(vault, contracts_file, needs_vpn=True):
    """Problems of the vault against the contracts that the charts declare."""
    if not isinstance(vault, dict):
        return [f"{VAULT} is missing: copy vault.example.yml beside it, fill it in, and encrypt it with ansible-vault."]
    if not os.path.exists(contracts_file):
        return [f"{contracts_file} is missing: run `npm run synth`, which writes what Secrets the charts read."]
    with open(contracts_file, encoding="utf-8") as file:
        contracts = json.load(file)["secrets"]
    wanted = {}
    for contract in contracts:
        keys = {key["name"]: key.get("description", "") for key in contract["keys"] if "issued" not in key}
        if keys:
            wanted[f"{contract['namespace']}/{contract['name']}"] = keys
    secrets = vault.get("secrets") or {}
    problems = [f"{VAULT}: {where} is {what}; write it as vault.example.yml does." for where, what in _misshapen(vault, secrets)]
    if problems:
        return problems
    tokens = ["k3s_token", "k3s_agent_token", "docker_hub_username", "docker_hub_token"]
    tokens += ["zerotier_network"] if needs_vpn else []
    for token in tokens:
        problems += _value_problems(vault.get(token), token, "see vault.example.yml")
    if not problems and vault["k3s_token"] == vault["k3s_agent_token"]:
        problems.append(f"{VAULT}: k3s_token and k3s_agent_token are the same, so any agent could join as a server; make one for each.")
    if needs_vpn and not problems and not re.fullmatch(r"[0-9a-f]{16}", str(vault["zerotier_network"])):
        problems.append(f"{VAULT}: zerotier_network is no name of a network; write its 16 hexadecimal digits, in quotes.")
    offsite = vault.get("offsite_copy")
    if offsite:
        by_ssh = str(offsite.get("repository")).startswith("sftp:")
        for key in ("repository", "password", *(("ssh_key", "known_host") if by_ssh else ())):
            problems += _value_problems(offsite.get(key), f"offsite_copy: {key}", "or leave out offsite_copy, and nothing is copied off the rack")
    for secret, keys in wanted.items():
        for key, description in keys.items():
            problems += _value_problems((secrets.get(secret) or {}).get(key), f"secrets: {secret}: {key}", description)
    for secret in secrets:
        if secret not in wanted:
            problems.append(f"{VAULT}: secrets: {secret} is read by nothing; remove it, or declare it in the charts.")
            continue
        for key in secrets[secret] or {}:
            if key not in wanted[secret]:
                problems.append(f"{VAULT}: secrets: {secret}: {key} is read by nothing; remove it, or declare it in the charts.")
    return problems


def certificate_servers(contracts):
    """What platform-certificates is to issue by the contracts: SERVER=NAME,NAME, the server named as its Secret."""
    return [
        f"{contract['name']}={','.join(key['issued']['names'])}"
        for contract in contracts["secrets"]
        for key in contract["keys"]
        if key.get("issued", {}).get("what") == "server"
    ]


def _misshapen(vault, secrets):
    """Places of the vault that hold another kind of value than the example, with what they hold."""
    if not isinstance(secrets, dict):
        yield "secrets", f"a {_kind(secrets)}"
        return
    if vault.get("offsite_copy") and not isinstance(vault["offsite_copy"], dict):
        yield "offsite_copy", f"a {_kind(vault['offsite_copy'])}"
    for name, keys in secrets.items():
        if keys and not isinstance(keys, dict):
            yield f"secrets: {name}", f"a {_kind(keys)}"
            continue
        for key, value in (keys or {}).items():
            if isinstance(value, (dict, list)):
                yield f"secrets: {name}: {key}", f"a {_kind(value)}"


def _kind(value):
    return "list" if isinstance(value, list) else "mapping" if isinstance(value, dict) else "single value"


def _value_problems(value, path, description):
    if value is None or str(value).strip() == "":
        return [f"{VAULT}: {path} is missing; add it ({description})."]
    if str(value).startswith(PLACEHOLDER):
        return [f"{VAULT}: {path} still has the placeholder of vault.example.yml; give it its value ({description})."]
    return []


def artefact_problems(artefacts, checksums, folder, names):
    """Problems of the staged files: each one named must be there and have its sha256. `checksums`: by file name."""
    problems = []
    for name in names:
        artefact = artefacts[name]
        path = os.path.join(folder, artefact["file"])
        shown = f"ansible/artefacts/{artefact['file']}"
        sha256 = checksums.get(artefact["file"]) or ""
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            problems.append(f"{CHECKSUMS}: artefact '{name}' ({artefact['file']}) has no sha256; run `ansible-playbook playbooks/stage.yml`, which writes it.")
        elif not os.path.exists(path):
            problems.append(f"{shown} (artefact '{name}') is missing; run `ansible-playbook playbooks/stage.yml`.")
        else:
            actual = _sha256(path)
            if actual != sha256:
                problems.append(
                    f"{shown} (artefact '{name}') has sha256 {actual}, {CHECKSUMS} says {sha256}; delete the file and run "
                    "`ansible-playbook playbooks/stage.yml`, and don't change the sum without knowing why it differs."
                )
    return problems


def placeholder_problems(folders):
    """Addresses in rendered manifests that stand for one that every site has of its own, such as https://prometheus.example.grafana.net."""
    problems = []
    for folder in folders:
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    for url in EXAMPLE_ADDRESS.findall(line):
                        problems.append(
                            f"dist/{os.path.basename(os.path.normpath(folder))}/{name}:{number}: {url} is an example; give the real address in "
                            "facts/settings.ts, run `npm run synth` and commit."
                        )
    return problems


def published_sum(text, name):
    """The sha256 of a file in a list that upstream publishes; empty where the list has none. Such lists have `sum  name` or `sum *name`."""
    match = re.search(rf"^([0-9a-f]{{64}})\s+\*?(?:\./)?{re.escape(name)}$", text, re.MULTILINE)
    return match[1] if match else ""


def _sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def unknown_variables(hosts, specs):
    """Variables named after a role that no role reads. `specs`: argument specs by role."""
    known = {option for spec in specs.values() for entry in spec.values() for option in entry.get("options") or {}}
    owners = {}
    for host in hosts:
        for name in hosts[host]:
            # Versions stand in versions.yml for artefacts.yml.
            named_after_role = any(name.startswith(f"{role}_") for role in specs) and not name.endswith("_version")
            if named_after_role and name not in known:
                owners.setdefault(name, host)
    problems = []
    for name, host in sorted(owners.items()):
        close = difflib.get_close_matches(name, sorted(known), 1, 0.8)
        problems.append(f"{host}: variable {name} is read by no role; {f'is {close[0]} meant?' if close else 'remove it.'}")
    return problems


def variable_problems(hosts):
    """What the argument specs found wrong: one sentence for each mistake, with the hosts that have it."""
    found = {}
    for host in hosts:
        for role, errors in (hosts[host].get("preflight_variables") or {}).items():
            for error in errors:
                found.setdefault((role, error), []).append(host)
    return [
        f"{', '.join(names)}: role {role}: {_plain(error)}; ansible/roles/{role}/meta/argument_specs.yml says what it may be."
        for (role, error), names in found.items()
    ]


def _plain(error):
    """Ansible's words for a wrong type, without those for programmers."""
    return re.sub(r"^argument '(\w+)' is of type (\w+) and we were unable to convert to (\w+): .*", r"\1 must be of type \3, it is of type \2", error)


def file_sha256(path):
    """sha256 of a file on the machine that runs Ansible; empty where there is none."""
    return _sha256(path) if os.path.isfile(path) else ""


def file_text(path):
    """Content of a text file on the machine that runs Ansible."""
    with open(path, encoding="utf-8") as file:
        return file.read()


class FilterModule:
    """Makes the checks available to the preflight play."""

    def filters(self):
        return {
            "vault_problems": vault_problems,
            "certificate_servers": certificate_servers,
            "artefact_problems": artefact_problems,
            "placeholder_problems": placeholder_problems,
            "volume_problems": volume_problems,
            "published_sum": published_sum,
            "unknown_variables": unknown_variables,
            "variable_problems": variable_problems,
            "file_sha256": file_sha256,
            "file_text": file_text,
        }
