# ARC by python3-dkim. Reads a job as a line of JSON each, writes its result as a line of JSON. Messages are base64, texts have a character a byte.
# {"verify": message, "dns": {name: [text]}} -> [status, detail]
# {"seal": message, "key": pem, "domain", "selector", "server"} -> the fields; the message has the results of "server" on top
import base64, json, sys
import dkim

def run(job):
    def look_up(name, timeout=5):
        texts = job['dns'].get(name.decode('latin-1').rstrip('.').lower())
        return texts[0].encode('latin-1') if texts else None
    if 'verify' in job:
        status, _, reason = dkim.arc_verify(base64.b64decode(job['verify']), dnsfunc=look_up)
        # A chain whose newest seal says that it is broken is None.
        return [status.decode() if status else 'fail', reason]
    made = dkim.arc_sign(base64.b64decode(job['seal']), job['selector'].encode(), job['domain'].encode(), job['key'].encode(), job['server'].encode())
    return b''.join(made).decode('latin-1')

for line in sys.stdin:
    try:
        result = run(json.loads(line))
    except Exception as error:
        result = ['error', repr(error)]
    print(json.dumps(result), flush=True)
