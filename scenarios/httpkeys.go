package scenarios

import (
	"slices"
	"time"
)

var httpKind = kind{name: "http", timeout: 10 * time.Second, keys: httpKeys, short: []shape{anAddress},
	fields: fields{
		{"status", ofNumber, "The status of the answer."},
		{"ms", ofNumber, "How long it took, in milliseconds."},
		{"body", ofText, "The body, up to 64 KiB."},
		{"json", ofAny, "The body, decoded, where it is JSON."},
		{"headers", "texts, by name in small letters", "The headers of the answer."},
	},
	doc:     "Asks an HTTP server. OK where the answer is as expected; NG where it is not, or the connection is refused; UNKNOWN where the name or the route is not found.",
	example: "http:\n  url: https://shop.example/healthz\n  expect: {status: 200, within: 2s}",
	writes: map[string]any{"type": "object", "required": []any{"method"},
		"properties": map[string]any{"method": map[string]any{"enum": []any{"POST", "PUT", "PATCH", "DELETE"}}},
		"not":        map[string]any{"required": []any{"readonly"}, "properties": map[string]any{"readonly": map[string]any{"const": true}}}},
	compile: compileHTTP}

var (
	readingMethods = []string{"GET", "HEAD", "OPTIONS"}
	writingMethods = []string{"POST", "PUT", "PATCH", "DELETE"}
)

// httpKeys is every key of `http`.
var httpKeys = keys{
	{name: "method", shape: aChoice(slices.Concat(readingMethods, writingMethods)...), telling: true, fallback: "GET", example: "method: POST",
		doc: "The method. Those that write belong into `recover`, unless the step says `readonly`."},
	{name: "url", shape: anAddress, required: true, example: "url: \"https://web-1.shop.example:${{ vars.port }}/healthz\"",
		doc: "The address, with `http://` or `https://`. Values of the incident are escaped for their place; where they choose the host, `hosts` decides. The URL alone may stand for the whole mapping."},
	{name: "headers", shape: someNames(nil, aText).orEmpty(), example: "headers: {Authorization: \"Bearer ${{ secrets.token }}\"}",
		doc: "Headers of the request."},
	{name: "body", shape: aTemplate, example: "method: POST\nbody: {host: \"${{ target }}\", reason: unhealthy}",
		doc: "What is sent: a text as it is, a mapping or a list as JSON."},
	{name: "tls", shape: someTLS, example: "tls: {ca: /etc/ssl/shop-ca.pem}",
		doc: "How `https://` is spoken: a private CA, a client certificate, the version. A certificate that is signed by nobody whom amsbot knows makes the step UNKNOWN."},
	{name: "expect", shape: aMapping(expectKeys), example: "expect: {status: [200, 204], within: 2s}",
		doc: "What the answer has to be like. Without it, a status from 200 to 299."},
	{name: "readonly", shape: aTruth, fallback: "false", example: "method: POST\nreadonly: true",
		doc: "The request changes nothing, whatever its method: it may stand in `check` and `gather`."},
	{name: "unreachable", shape: aChoice("ng", "unknown"), fallback: "unknown", example: "unreachable: ng",
		doc: "What it means when there is no name, no route or no connection."},
}

// expectKeys is every key of `expect`.
var expectKeys = keys{
	{name: "status", shape: oneOrMore(aNumber(100, 599)), fallback: "200 to 299", example: "status: [200, 204]", doc: "The status, or several that will do."},
	{name: "within", shape: aSpan, example: "within: 2s", doc: "How long the answer may take, at most the step's timeout."},
	{name: "body", shape: aPattern, example: "body: '/\"status\": *\"up\"/'", doc: "A text that the body holds, or a regular expression."},
	{name: "header", shape: someNames(nil, aPattern).orEmpty(), example: "header: {Content-Type: '/^application\\/json/'}", doc: "Headers that the answer has, each with its whole value or a regular expression."},
	{name: "json", shape: oneOrMore(aMapping(jsonKeys).besides(map[string]any{"anyOf": []any{
		map[string]any{"required": []any{"value"}}, map[string]any{"required": []any{"below"}}, map[string]any{"required": []any{"above"}}}})),
		example: "json:\n  - {path: status, value: up}\n  - {path: disks.0.used, below: 90}", doc: "Values of the body, which has to be JSON."},
}

// bound is a number, or an expression that comes out as one.
var bound = shape{form: templateForm, also: map[string]any{"type": []any{"number", "string"}, "pattern": `^\$\{\{`}}

// jsonKeys is every key of an expectation on JSON.
var jsonKeys = keys{
	{name: "path", shape: aWord, required: true, example: "path: disks.0.used\nbelow: 90", doc: "Where the value is: keys and positions, with dots between."},
	{name: "value", shape: aTemplate, example: "path: status\nvalue: up", doc: "What it is."},
	{name: "below", shape: bound, example: "path: disks.0.used\nbelow: ${{ vars.limit }}", doc: "What it is less than."},
	{name: "above", shape: bound, example: "path: workers\nabove: 0", doc: "What it is more than."},
}
