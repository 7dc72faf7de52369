"""A stand-in for K3s, for hosts where the real binary can't be had.

It checks its settings as strictly as K3s would (and more strictly where the installation promises more), records how it
was called, joins nodes with the token, and answers the few kubectl calls the playbooks make. It runs no containers and
no Kubernetes: what it accepts is well-formed, not proven to work. VERSION is written into the archive when it is built.
"""

import json
import os
import re
import shutil
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml

from store import Refused, Store
from version import VERSION

DATA = "/var/lib/rancher/k3s"
SETTINGS = "/etc/rancher/k3s/config.yaml"
REGISTRIES = "/etc/rancher/k3s/registries.yaml"
KUBECONFIG = "/etc/rancher/k3s/k3s.yaml"
# A test plants this file: the version it names never becomes Ready on this host.
SICK = "/etc/k3s-stand-in-sick"
# Another: the Applications it names are Degraded.
DEGRADED = "/etc/k3s-stand-in-degraded"

COMMON = {
    "token": str, "node-name": str, "node-ip": str, "flannel-iface": str, "protect-kernel-defaults": bool,
    "disable-default-registry-endpoint": bool, "node-label": list, "node-taint": list, "kubelet-arg": list,
}
SERVER = COMMON | {
    "agent-token": str, "advertise-address": str, "tls-san": list, "cluster-cidr": str, "service-cidr": str,
    "write-kubeconfig-mode": str, "secrets-encryption": bool, "embedded-registry": bool, "flannel-backend": str,
    "kube-apiserver-arg": list, "kube-controller-manager-arg": list,
}
AGENT = COMMON | {"server": str}
EVERY_NODE_NEEDS = {"token", "node-name", "node-ip", "flannel-iface", "disable-default-registry-endpoint", "kubelet-arg"}


def refuse(sentence):
    """Ends with one sentence, as K3s ends on bad settings."""
    print(f"k3s stand-in: {sentence}", file=sys.stderr)
    sys.exit(1)


def read_private(path):
    """YAML of a file that root alone may read."""
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if mode != 0o600:
        refuse(f"{path} has mode {mode:04o}, it holds secrets and must have 0600")
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def settings_of(mode):
    """The checked settings of `server` or `agent`."""
    settings = read_private(SETTINGS)
    known = SERVER if mode == "server" else AGENT
    for key, value in settings.items():
        if key not in known:
            refuse(f"{SETTINGS}: unknown key {key}")
        if not isinstance(value, known[key]):
            refuse(f"{SETTINGS}: {key} must be a {known[key].__name__}, is {value!r}")
    needed = EVERY_NODE_NEEDS | ({"agent-token", "secrets-encryption"} if mode == "server" else {"server"})
    for key in sorted(needed - set(settings)):
        refuse(f"{SETTINGS}: {key} is missing")
    interface = settings["flannel-iface"]
    shown = subprocess.run(["ip", "-json", "address", "show", "dev", interface], capture_output=True, text=True, check=False)
    addresses = [a["local"] for a in json.loads(shown.stdout or "[{}]")[0].get("addr_info", [])]
    if settings["node-ip"] not in addresses:
        refuse(f"{SETTINGS}: node-ip {settings['node-ip']} is not on {interface}, which has {addresses}")
    for key in ("kubelet-arg", "kube-apiserver-arg", "kube-controller-manager-arg"):
        for argument in settings.get(key, []):
            if not re.fullmatch(r"[a-z][a-z-]*=\S+", argument):
                refuse(f"{SETTINGS}: {key} {argument!r} is not name=value")
            # The API server reads these at its start, and ends where one is missing.
            name, _, path = argument.partition("=")
            if name.endswith(("-config-file", "-policy-file")) and not os.path.isfile(path):
                refuse(f"{SETTINGS}: {key} {name}: there is no file {path}")
            if name.endswith("-log-path") and not os.path.isdir(os.path.dirname(path)):
                refuse(f"{SETTINGS}: {key} {name}: there is no folder for {path}")
    routes = subprocess.run(["ip", "route", "show", "default"], capture_output=True, text=True, check=False).stdout
    if not routes:
        refuse("no default route; K3s does not start without one")
    check_registries()
    return settings


def check_registries():
    """registries.yaml must name the four registries, each with a plain endpoint, and lead the rest to this host itself, that is nowhere."""
    registries = read_private(REGISTRIES)
    if set(registries) - {"mirrors", "configs"}:
        refuse(f"{REGISTRIES}: unknown keys {sorted(set(registries) - {'mirrors', 'configs'})}")
    for name in ("docker.io", "registry.k8s.io", "quay.io", "ghcr.io", "*"):
        endpoints = registries["mirrors"].get(name, {}).get("endpoint")
        if not endpoints or not all(re.fullmatch(r"https?://[0-9.]+:\d+", endpoint) for endpoint in endpoints):
            refuse(f"{REGISTRIES}: mirror {name} has the endpoints {endpoints}")
        if (name == "*") != all(endpoint.startswith("http://127.0.0.1:") for endpoint in endpoints):
            refuse(f"{REGISTRIES}: mirror {name} leads to {endpoints}")


def notify_ready():
    """Tells systemd that the service is up (Type=notify)."""
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        refuse("not started by systemd with Type=notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.connect("\0" + path[1:] if path[0] == "@" else path)
        notify.sendall(b"READY=1")


def leave_traces():
    """What a real node leaves behind when its service stops: a shim that lives on, an interface, firewall chains."""
    shim = f"{DATA}/data/stand-in/bin/containerd-shim-runc-v2"
    os.makedirs(os.path.dirname(shim), exist_ok=True)
    if not os.path.exists(shim):
        shutil.copy("/usr/bin/sleep", shim)
    if subprocess.run(["pgrep", "-f", shim], capture_output=True, check=False).returncode:
        subprocess.Popen([shim, "infinity"], start_new_session=True)  # pylint: disable=consider-using-with
    for command in ("ip link add cni0 type bridge", "iptables -t nat -N KUBE-SERVICES", "ip6tables -N KUBE-FORWARD"):
        subprocess.run(command.split(), capture_output=True, check=False)


def own_state(settings):
    """What a node reports of itself."""
    sick = os.path.exists(SICK) and open(SICK, encoding="utf-8").read().strip() == VERSION
    return {
        "name": settings["node-name"], "address": settings["node-ip"], "version": VERSION, "ready": not sick,
        "labels": settings.get("node-label", []), "taints": settings.get("node-taint", []),
    }


class Cluster:
    """The server's view of its nodes; kept on disk as K3s keeps it in SQLite."""

    path = f"{DATA}/server/nodes.json"

    def __init__(self, settings):
        self.settings, self.lock = settings, threading.Lock()
        self.nodes = json.load(open(self.path, encoding="utf-8")) if os.path.exists(self.path) else {}
        self.store = Store(f"{DATA}/server/objects.json")

    def beat(self, state):
        with self.lock:
            node = self.nodes.setdefault(state["name"], {"unschedulable": False})
            changed = any(node.get(key) != value for key, value in state.items())
            node.update(state, seen=time.monotonic())
            if changed:
                self.save()

    def save(self):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(self.nodes, file)
        os.replace(self.path + ".new", self.path)

    def set_unschedulable(self, name, value):
        with self.lock:
            self.nodes[name]["unschedulable"] = value
            self.save()

    def kubernetes(self, name):
        node = self.nodes[name]
        fresh = 0 <= time.monotonic() - node.get("seen", -100) < 5
        return {
            "metadata": {"name": name, "labels": dict(label.split("=", 1) for label in node["labels"])},
            "spec": {"unschedulable": node["unschedulable"]},
            "status": {
                "nodeInfo": {"kubeletVersion": node["version"]},
                "addresses": [{"type": "InternalIP", "address": node["address"]}],
                "conditions": [{"type": "Ready", "status": "True" if fresh and node["ready"] else "False"}],
            },
        }


def handler_of(cluster):
    """Request handler of the server's port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path in ("/apply", "/differs"):
                with cluster.lock:
                    try:
                        return self.answer(200, getattr(cluster.store, self.path[1:])(body) or False)
                    except Refused as refused:
                        return self.answer(404, {"message": str(refused)})
            if self.headers.get("Authorization") != "Bearer " + cluster.settings["agent-token"]:
                return self.answer(401, {"message": "the agent's token is not this cluster's"})
            cluster.beat(body)
            return self.answer(200, {})

        def do_GET(self):
            if self.path == "/readyz":
                return self.answer(200, "ok")
            if self.path == "/nodes":
                return self.answer(200, {"items": [cluster.kubernetes(name) for name in sorted(cluster.nodes)]})
            if self.path == "/applications":
                sick = open(DEGRADED, encoding="utf-8").read().split() if os.path.exists(DEGRADED) else []
                return self.answer(200, cluster.store.applications(sick))
            match = re.fullmatch(r"/objects/(\w+)/([\w-]*)/([\w.-]+)", self.path)
            if match:
                try:
                    return self.answer(200, cluster.store.get(*match.groups()))
                except Refused as refused:
                    return self.answer(404, {"message": str(refused)})
            match = re.fullmatch(r"/nodes/([a-z0-9-]+)", self.path)
            if match and match[1] in cluster.nodes:
                return self.answer(200, cluster.kubernetes(match[1]))
            return self.answer(404, {"message": f"{self.path} not found"})

        def do_PUT(self):
            name, value = self.path.split("/")[2:4]
            if name not in cluster.nodes:
                return self.answer(404, {"message": f"node {name} not found"})
            cluster.set_unschedulable(name, value == "cordon")
            return self.answer(200, {})

        def answer(self, status, body):
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    return Handler


def certificate():
    """A self-signed certificate, made once."""
    folder = f"{DATA}/server/tls"
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(f"{folder}/cert.pem"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
             "-subj", "/CN=k3s-stand-in", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"],
            check=True, capture_output=True,
        )
    return f"{folder}/cert.pem", f"{folder}/key.pem"


def make_datastore(settings):
    """The SQLite file and the token that K3s makes at its first start."""
    os.makedirs(f"{DATA}/server/db", mode=0o700, exist_ok=True)
    database = sqlite3.connect(f"{DATA}/server/db/state.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE IF NOT EXISTS kine (id INTEGER PRIMARY KEY, name TEXT, value TEXT)")
    database.execute("INSERT INTO kine (name, value) VALUES ('started', ?)", (VERSION,))
    database.commit()
    with open(os.open(f"{DATA}/server/token", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(settings["token"] + "\n")
    return database


def apply_manifests(cluster):
    """K3s applies what lies in its folder of manifests at each start, as it stands there."""
    for name in sorted(os.listdir(f"{DATA}/server/manifests")):
        with open(f"{DATA}/server/manifests/{name}", encoding="utf-8") as file:
            cluster.store.apply([document for document in yaml.safe_load_all(file) if document])


def server():
    settings = settings_of("server")
    os.makedirs(f"{DATA}/server/manifests", exist_ok=True)
    database = make_datastore(settings)
    cluster = Cluster(settings)
    apply_manifests(cluster)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate())
    http = ThreadingHTTPServer(("", 6443), handler_of(cluster))
    http.socket = context.wrap_socket(http.socket, server_side=True)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    # Where K3s' Traefik shows its own certificate.
    gateway = ThreadingHTTPServer(("", 443), handler_of(cluster))
    gateway.socket = context.wrap_socket(gateway.socket, server_side=True)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    with open(os.open(KUBECONFIG, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write("# kubeconfig of the stand-in\n")
    leave_traces()
    cluster.beat(own_state(settings))
    notify_ready()
    while True:
        cluster.beat(own_state(settings))
        database.execute("INSERT INTO kine (name, value) VALUES ('beat', ?)", (str(time.time()),))
        database.commit()
        time.sleep(1)


def call(url, method="GET", body=None, token=""):
    """One request to the server, whose certificate nobody has signed."""
    request = urllib.request.Request(url, method=method, data=body, headers={"Authorization": "Bearer " + token})
    context = ssl._create_unverified_context()  # pylint: disable=protected-access
    with urllib.request.urlopen(request, context=context, timeout=5) as response:
        return response.read().decode()


def agent():
    settings = settings_of("agent")
    if not re.fullmatch(r"https://[0-9.]+:6443", settings["server"]):
        refuse(f"{SETTINGS}: server is {settings['server']}")
    leave_traces()
    ready = False
    while True:
        try:
            call(settings["server"] + "/nodes", "POST", json.dumps(own_state(settings)).encode(), settings["token"])
            if not ready:
                notify_ready()
            ready = True
        except urllib.error.HTTPError as error:
            # As K3s does: for ever, without being up.
            print(f"k3s stand-in: the server answers {error.code}: {error.read().decode()}; trying again", file=sys.stderr)
        except OSError as error:
            print(f"k3s stand-in: {settings['server']} does not answer ({error}); trying again", file=sys.stderr)
        time.sleep(1)


def server_of(path):
    """The server that a person's kubeconfig names; it must hold the token that the server gave out for that."""
    if not os.path.exists(path):
        refuse(f"neither {KUBECONFIG} nor {path} is there")
    settings = read_private(path)
    if settings["users"][0]["user"]["token"] != "operator-token":
        refuse(f"{path}: the server does not know this token")
    return settings["clusters"][0]["cluster"]["server"]


def kubectl(arguments):
    """The calls the playbooks make; anything else is refused."""
    url = "https://127.0.0.1:6443" if os.path.exists(KUBECONFIG) else server_of(os.path.expanduser("~/.kube/config"))
    words = [word for word in arguments if not word.startswith("--")]
    try:
        match words:
            case ["diff", "ansible", "-"] if {"--server-side", "--force-conflicts", "--filename"} <= set(arguments):
                sys.exit(1 if json.loads(call(url + "/differs", "POST", documents())) else 0)
            case ["apply", "ansible", "-"] if {"--server-side", "--force-conflicts", "--filename"} <= set(arguments):
                call(url + "/apply", "POST", documents())
            case [namespace, "get", ("application" | "secret") as kind, name, form] if "--output" in arguments and "--namespace" in arguments:
                answer = call(f"{url}/objects/{kind}/{namespace}/{name}")
                print(answer if form == "json" else f"{kind}/{name}")
            case ["get", "applications", "json"] if {"--all-namespaces", "--output"} <= set(arguments):
                print(call(url + "/applications"))
            case [namespace, "exec", _, *command] if "--" in arguments and "--namespace" in arguments:
                # CoreDNS forwards what it does not know to the name server of the node it runs on; here that is this one.
                sys.exit(subprocess.run(command, check=False).returncode)
            case ["get", "/readyz"] if "--raw" in arguments:
                print(json.loads(call(url + "/readyz")))
            case ["get", "nodes", "json"] if "--output" in arguments:
                print(call(url + "/nodes"))
            case ["get", "node", name, "json"] if "--output" in arguments:
                print(call(f"{url}/nodes/{name}"))
            case ["drain", name] if "--ignore-daemonsets" in arguments:
                call(f"{url}/nodes/{name}/cordon", "PUT")
            case ["uncordon", name]:
                call(f"{url}/nodes/{name}/uncordon", "PUT")
            case _:
                refuse(f"kubectl {' '.join(arguments)} is none of the calls the playbooks make")
    except urllib.error.HTTPError as error:
        refuse(error.read().decode())
    except OSError as error:
        refuse(f"the API server does not answer ({error})")


def documents():
    """What kubectl is given on standard input, as JSON."""
    return json.dumps([document for document in yaml.safe_load_all(sys.stdin) if document]).encode()


def main(arguments):
    if os.path.basename(sys.argv[0]) == "kubectl":
        arguments = ["kubectl", *arguments]
    if arguments != ["--version"] and os.path.isdir(DATA):
        with open(f"{DATA}/calls.log", "a", encoding="utf-8") as file:
            file.write(json.dumps(arguments) + "\n")
    match arguments:
        case ["--version"]:
            print(f"k3s version {VERSION} (stand-in)")
        case ["server", "--config", path] if path == SETTINGS:
            server()
        case ["agent", "--config", path] if path == SETTINGS:
            agent()
        case ["kubectl", *rest]:
            kubectl(rest)
        case _:
            refuse(f"called with {arguments}, which the installation never does")


main(sys.argv[1:])
