# DKIM by python3-dkim. Reads a job as a line of JSON each, writes its result as a line of JSON. Messages are base64, texts have a character a byte.
# {"verify": message, "dns": {name: [text]}} -> [[passed, detail], ...] for each signature
# {"sign": message, "key": pem, "header", "body", "domain", "selector", "length"} -> field
import base64, json, sys
import dkim

def verify(message, dns):
    def look_up(name, timeout=5):
        texts = dns.get(name.decode('latin-1').rstrip('.').lower())
        return texts[0].encode('latin-1') if texts else None
    count = sum(1 for name, _ in dkim.DKIM(message).headers if name.lower() == b'dkim-signature')
    results = []
    for index in range(count):
        try:
            results.append([bool(dkim.DKIM(message).verify(idx=index, dnsfunc=look_up)), ''])
        except Exception as error:
            results.append([False, repr(error)])
    return results

def sign(job):
    return dkim.sign(base64.b64decode(job['sign']), job['selector'].encode(), job['domain'].encode(), job['key'].encode(),
                     canonicalize=(job['header'].encode(), job['body'].encode()), length=job.get('length', False)).decode('latin-1')

for line in sys.stdin:
    job = json.loads(line)
    try:
        result = verify(base64.b64decode(job['verify']), job['dns']) if 'verify' in job else sign(job)
    except Exception as error:
        result = [[False, repr(error)]]
    print(json.dumps(result), flush=True)
