package slack

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// maxBody bounds what a call may carry.
const maxBody = 8 << 20

// arguments reads a call's arguments from query, form, multipart form or JSON
// body, and its token from the Authorization header or the form field. What
// is no string in a JSON body is kept as its JSON text, so that a view looks
// the same however it came.
func arguments(r *http.Request) (args map[string]string, token string, err error) {
	args = map[string]string{}
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	for key, values := range r.URL.Query() {
		args[key] = values[0]
	}
	if kind == "application/json" {
		err = jsonArguments(r.Body, args)
	} else {
		if kind == "multipart/form-data" {
			err = r.ParseMultipartForm(maxBody)
		} else {
			err = r.ParseForm()
		}
		for key, values := range r.Form {
			args[key] = values[0]
		}
	}
	token = args["token"]
	delete(args, "token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	return args, token, err
}

func jsonArguments(body io.Reader, args map[string]string) error {
	raw, err := io.ReadAll(body)
	if err != nil || len(raw) == 0 {
		return err // apps.connections.open sends an empty one
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return fmt.Errorf("slack: read arguments: %w", err)
	}
	for key, value := range fields {
		var text string
		switch {
		case json.Unmarshal(value, &text) == nil:
			args[key] = text
		default:
			args[key] = string(value)
		}
		if string(value) == "null" {
			delete(args, key)
		}
	}
	return nil
}
