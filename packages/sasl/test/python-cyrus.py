"""Exchanges with Cyrus SASL's own library, one command a line in JSON: it is client or server, the other side is the test."""

import base64
import ctypes as c
import json
import os
import subprocess
import sys

lib = c.CDLL("libsasl2.so.2")
USERNAME, AUTHUSER, CHANNEL_BINDING, SEC_PROPS = 0, 16, 21, 101
CB_GETOPT, CB_USER, CB_AUTHNAME, CB_PASS, CB_PROXY_POLICY, CB_LOG = 1, 0x4001, 0x4002, 0x4004, 0x8001, 2
SUCCESS_DATA = 4


class Callback(c.Structure):
    _fields_ = [("id", c.c_ulong), ("proc", c.c_void_p), ("context", c.c_void_p)]


class Secret(c.Structure):
    _fields_ = [("len", c.c_ulong), ("data", c.c_char * 1024)]


class Binding(c.Structure):
    _fields_ = [("name", c.c_char_p), ("critical", c.c_int), ("len", c.c_ulong), ("data", c.c_char_p)]


class Properties(c.Structure):
    _fields_ = [
        ("min_ssf", c.c_uint), ("max_ssf", c.c_uint), ("maxbufsize", c.c_uint), ("flags", c.c_uint),
        ("names", c.c_void_p), ("values", c.c_void_p),
    ]


GetOption = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_char_p, c.c_char_p, c.POINTER(c.c_char_p), c.POINTER(c.c_uint))
GetSimple = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_int, c.POINTER(c.c_char_p), c.POINTER(c.c_uint))
GetSecret = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_int, c.POINTER(c.POINTER(Secret)))
MayProxy = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_char_p, c.c_uint, c.c_char_p, c.c_uint, c.c_char_p, c.c_uint, c.c_void_p)
Log = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_int, c.c_char_p)

database = os.path.join(sys.argv[1], "sasldb")
options = {b"auxprop_plugin": b"sasldb", b"sasldb_path": database.encode(), b"pwcheck_method": b"auxprop"}
state = {}


@GetOption
def get_option(_context, _plugin, option, result, length):
    if option not in options:
        return -1
    result[0] = options[option]
    if length:
        length[0] = len(options[option])
    return 0


@GetSimple
def get_simple(_context, which, result, length):
    value = state["authzid" if which == CB_USER else "username"].encode()
    state[which] = value
    result[0] = value
    if length:
        length[0] = len(value)
    return 0


@GetSecret
def get_secret(_connection, _context, _which, result):
    password = state["password"].encode()
    state["secret"] = Secret(len(password), password)
    result[0] = c.pointer(state["secret"])
    return 0


@MayProxy
def may_proxy(_connection, _context, wanted, wanted_length, authenticated, authenticated_length, _realm, _realm_length, _properties):
    same = wanted[:wanted_length] == authenticated[:authenticated_length]
    return 0 if same or wanted[:wanted_length].startswith(b"other") else -14


@Log
def log(_context, _level, message):
    state["log"] = message.decode(errors="replace")
    return 0


def callbacks(*rows):
    made = (Callback * (len(rows) + 1))(*[Callback(number, c.cast(proc, c.c_void_p), None) for number, proc in rows])
    return made


base = callbacks((CB_GETOPT, get_option), (CB_LOG, log))
for_client = callbacks((CB_USER, get_simple), (CB_AUTHNAME, get_simple), (CB_PASS, get_secret))
for_server = callbacks((CB_GETOPT, get_option), (CB_PROXY_POLICY, may_proxy), (CB_LOG, log))
assert lib.sasl_client_init(base) == 0 and lib.sasl_server_init(base, b"mox") == 0
connection = c.c_void_p()
output, output_length = c.c_char_p(), c.c_uint()


def configure(command):
    """No security layers; the channel, where there is one."""
    properties = Properties(0, 0, 0, 0, None, None)
    lib.sasl_setprop(connection, SEC_PROPS, c.byref(properties))
    binding = command.get("binding")
    if binding:
        data = bytes.fromhex(binding["data"])
        state["binding"] = Binding(binding["type"].encode(), int(binding.get("critical", False)), len(data), data)
        lib.sasl_setprop(connection, CHANNEL_BINDING, c.byref(state["binding"]))


def answer(result):
    data = c.string_at(output, output_length.value) if output.value is not None else None
    found = {"result": result, "data": None if data is None else base64.b64encode(data).decode(), "log": state.get("log")}
    for name, number in (("authzid", USERNAME), ("authcid", AUTHUSER)):
        value = c.c_char_p()
        if result == 0 and lib.sasl_getprop(connection, number, c.byref(value)) == 0 and value.value is not None:
            found[name] = value.value.decode(errors="replace")
    return found


def start(command):
    global connection, output, output_length
    if connection:
        lib.sasl_dispose(c.byref(connection))
    state.clear()
    state.update(command)
    connection, output, output_length = c.c_void_p(), c.c_char_p(), c.c_uint()
    state["role"] = command["role"]
    if command["role"] == "client":
        assert lib.sasl_client_new(b"smtp", b"localhost", None, None, for_client, 0, c.byref(connection)) == 0
        configure(command)
        chosen = c.c_char_p()
        mechanism = command["mechanism"].encode()
        return lib.sasl_client_start(connection, mechanism, None, c.byref(output), c.byref(output_length), c.byref(chosen))
    flags = SUCCESS_DATA if command.get("successData") else 0
    assert lib.sasl_server_new(b"smtp", b"localhost", b"localhost", None, None, for_server, flags, c.byref(connection)) == 0
    configure(command)
    initial = command.get("initial")
    data = None if initial is None else base64.b64decode(initial)
    return lib.sasl_server_start(
        connection, command["mechanism"].encode(), data, 0 if data is None else len(data), c.byref(output), c.byref(output_length)
    )


def step(command):
    data = base64.b64decode(command["data"])
    output.value = None
    if state["role"] == "client":
        return lib.sasl_client_step(connection, data, len(data), None, c.byref(output), c.byref(output_length))
    return lib.sasl_server_step(connection, data, len(data), c.byref(output), c.byref(output_length))


def register(command):
    words = ["/usr/sbin/saslpasswd2", "-p", "-c", "-f", database, "-u", "localhost", command["username"]]
    return subprocess.run(words, input=command["password"].encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode


for line in sys.stdin:
    order = json.loads(line)
    work = {"start": start, "step": step, "register": register}[order["op"]]
    print(json.dumps(answer(work(order))), flush=True)
