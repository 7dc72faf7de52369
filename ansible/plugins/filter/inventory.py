"""Checks of the machines' inventory and of the networks, made before any host is touched.

Each check returns sentences: what is wrong, where, and what to do. Only the standard library is used, so that the
checks can be tried without Ansible.
"""

import difflib
import ipaddress
import json
import os
import re

ROLE_GROUPS = ("gateway", "server", "agent")
GROUPS = {"all", "ungrouped", "k3s_cluster", *ROLE_GROUPS}
INVENTORY = "ansible/inventory/hosts.yml"
VARIABLES = "ansible/inventory/group_vars/all/main.yml"
FACTS = (
    "ansible_host",
    "ansible_user",
    "cluster_network",
    "cores",
    "lan_interface",
    "mac",
    "memory_mib",
    "node_labels",
    "node_taints",
    "storage_device",
    "uplink_interface",
    "wifi",
)
# Linux keeps 15 characters of the name of an interface.
INTERFACE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}"


def _entries_of_nodes():
    """What a label and a taint must look like, and a label must not: written for synthesis and editors (facts/ansible/node-labels.ts)."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "schemas", "inventory.json")
    with open(path, encoding="utf-8") as file:
        fields = json.load(file)["properties"]["all"]["properties"]["vars"]["properties"]
    label, taint = fields["node_labels"]["items"], fields["node_taints"]["items"]
    return re.compile(label["pattern"]), re.compile(label["not"]["pattern"]), re.compile(taint["pattern"])


LABEL, RESERVED_LABEL, TAINT = _entries_of_nodes()


def inventory_problems(hosts, groups):
    """Problems of the inventory. `hosts`: variables by host name; `groups`: host names by group name."""
    problems = []
    for group in sorted(set(groups) - GROUPS):
        problems.append(
            f"{INVENTORY}: group '{group}' is no role this installation knows; use gateway, server or agent."
        )
    for group in ("gateway", "server"):
        if len(groups.get(group, [])) != 1:
            problems.append(f"{INVENTORY}: group '{group}' must hold exactly one host, it holds {len(groups.get(group, []))}.")
    problems += _misspelt(hosts, groups["all"])
    for name in groups["all"]:
        problems += _host_problems(name, hosts[name], groups)
    for field, what in (("ansible_host", "address"), ("mac", "MAC address")):
        problems += _duplicates(hosts, groups["all"], field, what)
    return problems + _network_problems(hosts, groups)


def _misspelt(hosts, names):
    """Variables that only look like a fact of a machine: nothing reads them, and the fact keeps its default."""
    owners = {}
    for name in names:
        for variable in hosts[name]:
            # Those of Ansible itself have names of several ages.
            known = variable in FACTS or variable.startswith("ansible_")
            close = [] if known else difflib.get_close_matches(variable, FACTS, 1, 0.85)
            if close:
                owners.setdefault((variable, close[0]), name)
    return [
        f"{INVENTORY}: {host}: {variable} is read by nothing; is {meant} meant?" for (variable, meant), host in sorted(owners.items())
    ]


def _host_problems(name, host, groups):
    where = f"{INVENTORY}: {name}"
    problems = []
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name):
        problems.append(f"{where}: the name must be lower-case letters, digits and hyphens, as a DNS label is.")
    elif name == "localhost" or name.isdigit():
        problems.append(f"{where}: the name already means an address to every program; give the host another one.")
    roles = [group for group in ROLE_GROUPS if name in groups.get(group, [])]
    if len(roles) != 1:
        problems.append(
            f"{where}: must be in exactly one of the groups gateway, server and agent, it is in "
            f"{' and '.join(roles) or 'none'}."
        )
    return (
        problems
        + _board_problems(where, host)
        + _address_problems(where, host)
        + _interface_problems(where, host, roles)
        + _label_problems(where, host)
    )


def _board_problems(where, host):
    """What is printed on a board, or is the image's."""
    problems = []
    mac = host.get("mac")
    if not isinstance(mac, str) or not re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", mac):
        problems.append(
            f"{where}: mac is '{mac}'; write the address of eth0 as six lower-case pairs in quotes, such as \"2c:cf:67:00:01:22\"."
        )
    elif int(mac[:2], 16) & 1:
        problems.append(f"{where}: mac '{mac}' is a multicast address; no board has one, read the label again.")
    elif set(mac) == {"0", ":"}:
        problems.append(f"{where}: mac '{mac}' is that of no board; read the label again.")
    for field in ("cores", "memory_mib"):
        value = host.get(field)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            problems.append(f"{where}: {field} is '{value}'; write a whole number above 0.")
        elif field == "memory_mib" and value < 512:
            problems.append(f"{where}: memory_mib is {value}, too little for K3s; it counts MiB: 8 GiB are 8192.")
    user = host.get("ansible_user", "ahuora")
    if not isinstance(user, str) or not re.fullmatch(r"[a-z_][a-z0-9_-]{0,31}", user):
        problems.append(f"{where}: ansible_user is '{user}'; write the name of the user that the imager made.")
    device = host.get("storage_device", "/dev/mmcblk0")
    if not isinstance(device, str) or not re.fullmatch(r"/dev/[\w/-]+", device):
        problems.append(f"{where}: storage_device is '{device}'; write the device's path, such as /dev/mmcblk0.")
    return problems


def _interface_problems(where, host, roles):
    problems = []
    if not isinstance(host.get("wifi"), bool):
        problems.append(f"{where}: wifi is '{host.get('wifi')}'; write true or false.")
    elif roles and roles[0] == "agent" and host.get("wifi"):
        problems.append(f"{where}: an agent must not have Wi-Fi; only ingress and the server have a way to the internet.")
    elif roles and roles[0] != "agent" and not host.get("wifi"):
        problems.append(
            f"{where}: wifi is false, but packages, images and the repository come in through ingress and the server; write true, and the "
            "interface as uplink_interface where it is no Wi-Fi."
        )
    for field in ("lan_interface", "uplink_interface"):
        value = host.get(field, "eth0")
        if not isinstance(value, str) or not re.fullmatch(INTERFACE, value):
            problems.append(f"{where}: {field} is '{value}'; write the name of a network interface, such as eth0.")
    if host.get("wifi") and host.get("lan_interface") and host.get("lan_interface") == host.get("uplink_interface"):
        problems.append(f"{where}: lan_interface and uplink_interface are both {host.get('lan_interface')}; give each its own.")
    return problems


def _label_problems(where, host):
    problems = []
    for field, pattern, form in (("node_labels", LABEL, "key=value"), ("node_taints", TAINT, "key=value:Effect")):
        entries = [] if host.get(field) is None else host[field]
        if not isinstance(entries, list):
            problems.append(f"{where}: {field} is '{entries}'; write a list, each entry as {form}.")
            continue
        seen = set()
        for entry in entries:
            match = pattern.fullmatch(entry) if isinstance(entry, str) else None
            if not match:
                problems.append(f"{where}: {field} has '{entry}'; the form is {form}, name and value each of at most 63 characters.")
                continue
            if field == "node_labels" and RESERVED_LABEL.match(entry):
                problems.append(
                    f"{where}: node_labels has '{entry}', a key of Kubernetes' own with which no kubelet starts; use another prefix, or label the "
                    "node with kubectl."
                )
            # Key, and of a taint its effect.
            identity = (match[1], match[3] if field == "node_taints" else None)
            if identity in seen:
                problems.append(f"{where}: {field} has {match[1]} twice; keep one.")
            seen.add(identity)
    return problems


def _address_problems(where, host):
    try:
        network = ipaddress.IPv4Network(str(host.get("cluster_network")))
    except ValueError:
        return [f"{where}: cluster_network is '{host.get('cluster_network')}'; write the LAN as IPv4 address/bits, such as 192.168.100.0/24."]
    try:
        address = ipaddress.IPv4Address(str(host.get("ansible_host")))
    except ValueError:
        return [f"{where}: ansible_host '{host.get('ansible_host')}' is no IPv4 address; give it one inside {network}."]
    if address not in network:
        return [f"{where}: ansible_host {address} is outside the LAN {network}; give it an address inside."]
    if network.prefixlen < 31 and address in (network.network_address, network.broadcast_address):
        return [f"{where}: ansible_host {address} stands for the whole LAN {network}, which no host may have; give it another address."]
    return []


def _network_problems(hosts, groups):
    """Each network is one and large enough; no two share an address: whoever has it would be reached by one of them alone."""
    networks = {}
    problems = []
    for name in groups["all"]:
        for field in ("cluster_network", "pod_network", "service_network"):
            try:
                networks.setdefault(field, ipaddress.IPv4Network(str(hosts[name].get(field))))
            except ValueError:
                if field != "cluster_network" and field in hosts[name]:
                    problems.append(f"{VARIABLES}: {field} is '{hosts[name][field]}'; write it as IPv4 address/bits, such as 10.42.0.0/16.")
    nodes = len(groups.get("server", [])) + len(groups.get("agent", []))
    pods = networks.get("pod_network")
    # K3s' controller gives each node 24 bits of it, and none to those that come too late.
    if pods and 2 ** (24 - pods.prefixlen) < nodes:
        problems.append(f"{VARIABLES}: pod_network {pods} is too small: each of {nodes} nodes takes a /24 of it; write a larger one, such as 10.42.0.0/16.")
    services = networks.get("service_network")
    # The API server's own limits are 12 bits and 8 addresses; cluster DNS has the tenth.
    if services and not 12 <= services.prefixlen <= 28:
        problems.append(f"{VARIABLES}: service_network {services} must have between 12 and 28 bits, such as 10.43.0.0/16.")
    fields = sorted(networks)
    return list(dict.fromkeys(problems)) + [
        f"{INVENTORY}: {one} {networks[one]} and {other} {networks[other]} overlap; choose networks that share no address "
        "(cluster_network there, the others in group_vars/all/main.yml)."
        for index, one in enumerate(fields)
        for other in fields[index + 1 :]
        if networks[one].overlaps(networks[other])
    ]


def _duplicates(hosts, names, field, what):
    owners = {}
    problems = []
    for name in names:
        value = hosts[name].get(field)
        if value in owners:
            problems.append(f"{INVENTORY}: {name} and {owners[value]} have the same {what} {value}; correct {field} of one of them.")
        owners.setdefault(value, name)
    return problems


class FilterModule:
    """Makes the checks available to the preflight play."""

    def filters(self):
        return {"inventory_problems": inventory_problems}
