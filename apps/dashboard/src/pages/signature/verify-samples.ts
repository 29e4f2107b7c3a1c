/** How a receiver verifies in one language. */
export interface VerifySample {
  readonly language: string;
  /** How to get the library; null where there is none to get. */
  readonly install: string | null;
  readonly code: string;
}

/** Samples in each language. They verify the raw body, before anything reads it as JSON. @param webhookId - names the secret */
export function verifySamples(webhookId: string): readonly VerifySample[] {
  const secret = secretName(webhookId);
  return [
    { language: 'Node', install: 'npm install standardwebhooks express', code: node(secret) },
    { language: 'Python', install: 'pip install standardwebhooks flask', code: python(secret) },
    { language: 'Go', install: 'go get github.com/standard-webhooks/standard-webhooks/libraries/go', code: go(secret) },
    { language: 'PHP', install: null, code: php(secret) },
    { language: 'Ruby', install: 'gem install sinatra rackup puma', code: ruby(secret) },
    { language: 'Java', install: null, code: java(secret) },
  ];
}

/** An environment variable for the secret of one webhook: there may be several in one program. */
export function secretName(webhookId: string): string {
  return `SIGNPOST_SECRET_${webhookId.replace(/[^a-z0-9]/gi, '_').toUpperCase()}`;
}

const node = (secret: string) => `import express from 'express';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.${secret}); // whsec_…

express()
  // The raw body: parsed and written anew it is another text, and has another signature.
  .post('/webhooks', express.raw({ type: 'application/json' }), (request, response) => {
    try {
      const event = webhook.verify(request.body, request.headers);
      console.log(event.type, request.headers['webhook-id']);
      response.sendStatus(204);
    } catch {
      response.sendStatus(401);
    }
  })
  .listen(8080);
`;

const python = (secret: string) => `import os
from flask import Flask, request
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

app = Flask(__name__)
webhook = Webhook(os.environ["${secret}"])  # whsec_…


@app.post("/webhooks")
def receive():
    try:
        # The raw body: parsed and written anew it is another text, and has another signature.
        event = webhook.verify(request.get_data(), dict((k.lower(), v) for k, v in request.headers.items()))
    except WebhookVerificationError:
        return "", 401
    print(event["type"], request.headers["webhook-id"])
    return "", 204
`;

const go = (secret: string) => `package main

import (
	"io"
	"log"
	"net/http"
	"os"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func main() {
	webhook, err := standardwebhooks.NewWebhook(os.Getenv("${secret}")) // whsec_…
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/webhooks", func(w http.ResponseWriter, r *http.Request) {
		// The raw body: parsed and written anew it is another text, and has another signature.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || webhook.Verify(body, r.Header) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		log.Println(r.Header.Get("webhook-id"))
		w.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
`;

const php = (secret: string) => `<?php
$secret = base64_decode(substr(getenv('${secret}'), strlen('whsec_')));
// The raw body: parsed and written anew it is another text, and has another signature.
$body = file_get_contents('php://input');
$id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
$timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
$expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $secret, true));

$valid = false;
foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $signature) {
    $valid = hash_equals($expected, $signature) || $valid;
}
if (!$valid || !ctype_digit($timestamp) || abs(time() - (int) $timestamp) > 300) {
    http_response_code(401);
    exit;
}
$event = json_decode($body, true, 512, JSON_BIGINT_AS_STRING);
error_log($event['type'] . ' ' . $id);
http_response_code(204);
`;

const ruby = (secret: string) => `require 'base64'
require 'json'
require 'openssl'
require 'sinatra'

SECRET = Base64.decode64(ENV.fetch('${secret}').delete_prefix('whsec_'))

post '/webhooks' do
  # The raw body: parsed and written anew it is another text, and has another signature.
  body = request.body.read
  id, timestamp, signatures = %w[ID TIMESTAMP SIGNATURE].map { |name| request.env["HTTP_WEBHOOK_#{name}"].to_s }
  expected = 'v1,' + Base64.strict_encode64(OpenSSL::HMAC.digest('SHA256', SECRET, "#{id}.#{timestamp}.#{body}"))
  valid = signatures.split.any? { |signature| Rack::Utils.secure_compare(expected, signature) }
  halt 401 unless valid && (Time.now.to_i - timestamp.to_i).abs <= 300

  puts JSON.parse(body)['type'], id
  204
end
`;

const java = (secret: string) => `import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class Receiver {
  static final byte[] SECRET =
      Base64.getDecoder().decode(System.getenv("${secret}").substring("whsec_".length()));

  public static void main(String[] args) throws Exception {
    var server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.createContext("/webhooks", exchange -> {
      var headers = exchange.getRequestHeaders();
      // The raw body: parsed and written anew it is another text, and has another signature.
      byte[] body = exchange.getRequestBody().readAllBytes();
      boolean valid = verify(headers.getFirst("webhook-id"), headers.getFirst("webhook-timestamp"),
          headers.getFirst("webhook-signature"), body);
      exchange.sendResponseHeaders(valid ? 204 : 401, -1);
      exchange.close();
    });
    server.start();
  }

  static boolean verify(String id, String timestamp, String signatures, byte[] body) {
    try {
      if (Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(timestamp)) > 300) return false;
      var content = new ByteArrayOutputStream();
      content.writeBytes((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      content.writeBytes(body);
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
      byte[] expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(content.toByteArray()))).getBytes();
      boolean valid = false;
      for (var signature : signatures.split(" ")) valid |= MessageDigest.isEqual(expected, signature.getBytes());
      return valid;
    } catch (Exception malformed) {
      return false;
    }
  }
}
`;
