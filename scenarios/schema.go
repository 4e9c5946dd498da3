package scenarios

import (
	"bytes"
	"encoding/json"
	"strings"

	"gopkg.in/yaml.v3"
)

// Schema returns a JSON Schema (draft 7) of a scenario file, with which an
// editor completes and checks while one types. It refuses nothing that Load
// accepts; what only the whole file, or several, can have wrong it does not
// see.
func Schema() []byte {
	s := &schemer{definitions: object{"constant": constantSchema}}
	root := s.mapping(scenarioKeys)
	root["dependencies"] = object{"recheck": []any{"recover"}, "guards": []any{"recover"}}
	root["if"] = object{"not": object{"required": []any{"recover"}}}
	root["then"] = object{"properties": object{
		"autonomy": object{"not": object{"const": string(Auto)}},
		"then":     object{"not": object{"anyOf": []any{object{"required": []any{"recovered"}}, object{"required": []any{"held"}}}}}}}
	return s.document("amsbot scenario", root)
}

// ProjectSchema is Schema for project.yaml.
func ProjectSchema() []byte {
	s := &schemer{definitions: object{"constant": constantSchema}}
	root := s.mapping(projectKeys)
	root["anyOf"] = []any{object{"required": []any{"services"}},
		object{"required": []any{"default"}, "properties": object{"default": object{"const": true}}}}
	return s.document("amsbot project", root)
}

// FixtureSchema is Schema for a file of tests, NAME.test.yaml.
func FixtureSchema() []byte {
	s := &schemer{definitions: object{"constant": constantSchema}}
	return s.document("amsbot tests", s.mapping(fixtureFileKeys))
}

// object is one JSON object. encoding/json writes its keys sorted, so that a
// schema is the same bytes every time.
type object = map[string]any

// schemer turns shapes into schemas.
type schemer struct{ definitions object }

func (s *schemer) document(title string, root object) []byte {
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"], root["definitions"] = title, s.definitions
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(root); err != nil {
		panic(err) // the tables hold nothing that is no JSON
	}
	return out.Bytes()
}

// The pieces of patterns. They mean the same to Go and to ECMAScript.
const (
	opening     = `\$\{\{`
	badlyFilled = `\$\{\{(\s*\}\}|[^}]*$)` // empty or unclosed
	spanPattern = `(\d+d|[+]?((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)`
	somethingIn = `[1-9]`
)

// constantSchema is any value whose texts hold no ${{ }}.
var constantSchema = object{"anyOf": []any{
	plainText(""), object{"type": []any{"number", "boolean"}},
	object{"type": "array", "items": object{"$ref": "#/definitions/constant"}},
	object{"type": "object", "additionalProperties": object{"$ref": "#/definitions/constant"}}}}

// plainText is a text that is read before any incident.
func plainText(pattern string) object {
	if pattern == "" {
		pattern = `\S`
	}
	return object{"type": "string", "pattern": pattern, "not": object{"pattern": opening}}
}

// mapping is the schema of a mapping with these keys.
func (s *schemer) mapping(all keys) object {
	properties, required := object{}, []any{}
	for _, k := range all {
		properties[k.name] = s.key(k)
		if k.required {
			required = append(required, k.name)
		}
	}
	out := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// key is the schema of one key's value, with its words.
func (s *schemer) key(k key) object {
	out := s.shape(k.shape)
	out["markdownDescription"] = k.doc
	out["description"] = strings.NewReplacer("**", "", "`", "").Replace(k.doc)
	if k.fallback != "" {
		out["default"] = written(k.fallback)
	}
	if m, ok := written(k.example).(object); ok && m[k.name] != nil {
		out["examples"] = []any{m[k.name]}
	}
	return out
}

// written is what YAML of ours says.
func written(text string) any {
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		panic(err) // a test reads every example
	}
	return v
}

// shape is the schema of a shape.
func (s *schemer) shape(sh shape) object {
	out := s.bare(sh)
	for k, v := range sh.also {
		out[k] = v
	}
	return out
}

func (s *schemer) bare(sh shape) object {
	switch sh.form {
	case wordForm:
		if sh.like != nil {
			return plainText(sh.like.String())
		}
		return plainText("")
	case textForm:
		return object{"type": "string", "pattern": `\S`, "not": object{"pattern": badlyFilled}}
	case conditionForm:
		return plainText("")
	case patternForm:
		return plainText(`^(\s*[^/\s]|\s+\S|/[\s\S]+/i?$)`)
	case numberForm:
		return object{"type": "integer", "minimum": sh.least, "maximum": sh.most}
	case truthForm:
		return object{"type": "boolean"}
	case spanForm:
		return spanSchema(sh.zero)
	case limitForm:
		return object{"type": "string", "pattern": `^\s*[+]?0*[1-9]\d* per \s*` + spanPattern + `\s*$`}
	case choiceForm:
		words := make([]any, len(sh.words))
		for i, w := range sh.words {
			words[i] = w
		}
		return object{"enum": words}
	case constantForm:
		return object{"$ref": "#/definitions/constant"}
	case templateForm:
		return object{}
	}
	return s.inner(sh)
}

// inner is the schema of what holds other shapes.
func (s *schemer) inner(sh shape) object {
	switch sh.form {
	case mappingForm:
		return s.mapping(sh.keys)
	case namesForm:
		out := object{"type": "object", "additionalProperties": s.shape(sh.of[0])}
		if sh.like != nil {
			out["propertyNames"] = object{"pattern": sh.like.String()}
		}
		if !sh.empty {
			out["minProperties"] = 1
		}
		return out
	case listForm:
		out := object{"type": "array", "items": s.shape(sh.of[0])}
		if !sh.empty {
			out["minItems"] = 1
		}
		return out
	case stepsForm:
		return object{"type": "array", "minItems": 1, "maxItems": maxSteps, "items": s.step(sh.phase)}
	}
	ways := make([]any, len(sh.of))
	for i, way := range sh.of {
		ways[i] = s.shape(way)
	}
	return object{"anyOf": ways}
}

// spanSchema is a duration: of no nanosecond only where zero is allowed.
func spanSchema(zero bool) object {
	text := object{"type": "string", "pattern": "^" + spanPattern + "$"}
	if zero {
		return object{"anyOf": []any{text, object{"enum": []any{0, "0"}}}}
	}
	text["allOf"] = []any{object{"pattern": somethingIn}}
	return text
}

// step is the schema of one step: it has exactly one kind.
func (s *schemer) step(p Phase) object {
	name, common := "readingStep", commonKeys[:len(commonKeys)-1]
	if p == Recover {
		name, common = "recoveringStep", commonKeys
	}
	ref := object{"$ref": "#/definitions/" + name}
	if s.definitions[name] != nil {
		return ref
	}
	out := s.mapping(common)
	properties, _ := out["properties"].(object)
	var one, rules []any
	depends := object{"every": []any{"attempts"}}
	for _, k := range kinds {
		properties[k.name] = s.kind(k)
		one = append(one, object{"required": []any{k.name}})
		if k.timeout == 0 {
			depends[k.name] = object{"properties": object{"timeout": false, "attempts": false, "every": false}}
		}
		if k.writes != nil && p != Recover {
			rules = append(rules, object{"not": object{"required": []any{k.name}, "properties": object{k.name: k.writes}}})
		}
	}
	out["oneOf"], out["dependencies"] = one, depends
	if rules != nil {
		out["allOf"] = rules
	}
	s.definitions[name] = out
	return ref
}

// kind is the schema of what stands at the key of a kind.
func (s *schemer) kind(k kind) object {
	if s.definitions[k.name] == nil {
		s.definitions[k.name] = s.key(key{name: k.name, doc: k.doc, shape: k.shape(), example: k.example})
	}
	return object{"$ref": "#/definitions/" + k.name}
}
