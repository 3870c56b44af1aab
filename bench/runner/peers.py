"""Peers: installed where they are missing and can be had; a program whose library is missing says so."""

import os
import platform
import re
import shutil
import subprocess

from .measure import BUILD

# What Debian has: package, and how its version is found.
PACKAGES = ["lua-curl", "lua-http", "lua-socket", "lua-cjson", "lua-dkjson", "wrk", "valgrind"]
SDK = "@mistralai/mistralai"


def _output(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return (done.stdout or done.stderr).strip() if done.returncode == 0 else ""


def _package_version(package):
    text = _output("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package)
    return text.split()[1] if text.startswith("installed ") else None


def _install_packages():
    missing = [package for package in PACKAGES if not _package_version(package)]
    if not missing or not shutil.which("apt-get"):
        return
    as_root = [] if os.getuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
        try:
            subprocess.run([*as_root, "apt-get", "-o", "DPkg::Lock::Timeout=120", *command], env=environment,
                           timeout=600, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        except (FileNotFoundError, subprocess.TimeoutExpired):
            return


def _sdk_version():
    path = os.path.join(BUILD, "sdk/node_modules", SDK, "package.json")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return re.search(r'"version": *"([^"]+)"', file.read()).group(1)


def _install_sdk():
    if _sdk_version() or not shutil.which("npm"):
        return
    try:
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix",
                        os.path.join(BUILD, "sdk"), SDK], timeout=180,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        pass


def _system():
    with open("/etc/os-release") as file:
        name = re.search(r'PRETTY_NAME="?([^"\n]+)', file.read()).group(1)
    with open("/proc/cpuinfo") as file:
        processor = re.search(r"model name\s*: (.*)", file.read())
    return "%s, Linux %s, %d × %s" % (name, platform.release().partition("-")[0], os.cpu_count(),
                                      processor.group(1) if processor else platform.machine())


def prepare():
    """Installs what is missing. Returns versions by name."""
    _install_packages()
    _install_sdk()
    versions = {
        "machine": _system(),
        "libcurl": _output("curl-config", "--version").replace("libcurl ", ""),
        "cJSON": _output("pkg-config", "--modversion", "libcjson"),
        "Lua": _output("lua5.4", "-v").split("  ")[0].replace("Lua ", ""),
        "LuaJIT": _output("luajit", "-v").split(" -- ")[0].replace("LuaJIT ", ""),
        "nginx": _output("/usr/sbin/nginx", "-v").partition("/")[2],
        "node": _output("node", "--version"),
        "TypeScript SDK": _sdk_version(),
    }
    versions.update((package, _package_version(package)) for package in PACKAGES)
    return {name: version or "missing" for name, version in versions.items()}
