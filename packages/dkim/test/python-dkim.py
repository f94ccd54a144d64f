# DKIM by python3-dkim. Reads a job as a line of JSON each, writes its result as a line of JSON:
# {"verify": message, "dns": {name: text}} -> [bool, ...] for each signature; {"sign": message, "key": pem, ...} -> field. Messages are base64.
import base64, json, sys
import dkim

for line in sys.stdin:
    job = json.loads(line)
    try:
        if 'verify' in job:
            message = base64.b64decode(job['verify'])
            lookup = lambda name, timeout=5: job['dns'].get(name.decode().rstrip('.'), '').encode() or None
            verifier = dkim.DKIM(message)
            count = sum(1 for name, _ in verifier.headers if name.lower() == b'dkim-signature')
            result = []
            for index in range(count):
                try:
                    result.append(bool(dkim.DKIM(message).verify(idx=index, dnsfunc=lookup)))
                except Exception as error:
                    result.append(repr(error))
        else:
            message = base64.b64decode(job['sign'])
            signature = dkim.sign(message, b'sel', b'example.org', job['key'].encode(), canonicalize=(job['header'].encode(), job['body'].encode()),
                                  signature_algorithm=job['algorithm'].encode(), length=job.get('length', False))
            result = base64.b64encode(signature).decode()
    except Exception as error:
        result = repr(error)
    print(json.dumps(result), flush=True)
