# DKIM by libopendkim. Reads a job as a line of JSON each, writes its result as a line of JSON. Messages are base64.
# {"verify": message, "dns": {name: [text]}} -> [[passed, error], ...] for each signature field
import base64, ctypes, json, re, sys

lib = ctypes.CDLL('libopendkim.so.11')
for name in ('dkim_init', 'dkim_verify'):
    getattr(lib, name).restype = ctypes.c_void_p
for name in ('dkim_sig_getdomain', 'dkim_sig_getselector', 'dkim_sig_geterrorstr', 'dkim_geterror'):
    getattr(lib, name).restype = ctypes.c_char_p
lookup_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
zone = {}
passed, body_matches, found, not_found = 0x04, 0, 0, 3

def look_up(_, signature, buffer, size):
    domain = lib.dkim_sig_getdomain(ctypes.c_void_p(signature)).decode('latin-1')
    selector = lib.dkim_sig_getselector(ctypes.c_void_p(signature)).decode('latin-1')
    texts = zone.get(f'{selector}._domainkey.{domain}'.lower())
    if not texts:
        return not_found
    text = texts[0].encode('latin-1')[:size - 1] + b'\0'
    ctypes.memmove(buffer, text, len(text))
    return found

callback = lookup_type(look_up)
handle = ctypes.c_void_p(lib.dkim_init(None, None))
lib.dkim_set_key_lookup(handle, callback)

def verify(message):
    header, _, body = message.partition(b"\r\n\r\n") if not message.startswith(b"\r\n") else (b"", b"", message[2:])
    status = ctypes.c_int(0)
    dkim = ctypes.c_void_p(lib.dkim_verify(handle, b'test', None, ctypes.byref(status)))
    try:
        for field in filter(None, re.split(rb"\r\n(?![ \t])", header)):
            lib.dkim_header(dkim, field, ctypes.c_size_t(len(field)))
        status_of_header = lib.dkim_eoh(dkim)
        if body:
            lib.dkim_body(dkim, body, ctypes.c_size_t(len(body)))
        status_of_message = lib.dkim_eom(dkim, None)
        signatures = ctypes.POINTER(ctypes.c_void_p)()
        count = ctypes.c_int(0)
        lib.dkim_getsiglist(dkim, ctypes.byref(signatures), ctypes.byref(count))
        results = []
        for index in range(count.value):
            signature = ctypes.c_void_p(signatures[index])
            lib.dkim_sig_process(dkim, signature)
            flags = lib.dkim_sig_getflags(signature)
            error = lib.dkim_sig_geterror(signature)
            name = lib.dkim_sig_geterrorstr(error)
            good = bool(flags & passed) and lib.dkim_sig_getbh(signature) == body_matches and error <= 0
            results.append([good, f'{error} {name.decode() if name else ""}'.strip()])
        return results or [[False, f'no signature: {status_of_header} {status_of_message}']]
    finally:
        lib.dkim_free(dkim)

for line in sys.stdin:
    job = json.loads(line)
    zone = job['dns']
    print(json.dumps(verify(base64.b64decode(job['verify']))), flush=True)
