package configs

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

const envPrefix = "LOTSE_"

// Variables beside LOTSE_<KEY>: the usual names of two keys, and those that
// are not settings.
var (
	envAliases = map[string]string{"DATABASE_URL": "database_url", "REDIS_URL": "redis_url"}
	envOthers  = []string{"LOTSE_CONFIG", "LOTSE_SHARED"}
)

// Load reads the settings: the defaults, then the file (path may be empty; then
// LOTSE_CONFIG names it, if set), then the variables in environ, which has the
// form of os.Environ. The error joins all problems, one a line.
func Load(path string, environ []string) (*Config, error) {
	vars := environment(environ)
	if path == "" {
		path = vars["LOTSE_CONFIG"]
	}
	var text string
	if path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("settings: %w", err)
		}
		text = string(data)
	}
	return parse(path, text, vars)
}

func environment(environ []string) map[string]string {
	vars := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		vars[name] = value
	}
	return vars
}

// parse builds the settings from the text of a file, called path in messages,
// and the environment.
func parse(path, text string, vars map[string]string) (*Config, error) {
	var c Config
	keys := keysOf(reflect.ValueOf(&c).Elem(), "")
	problems := setFile(keys, "default.toml", defaults)
	problems = append(problems, setFile(keys, path, text)...)
	problems = append(problems, setEnv(keys, vars)...)
	if len(problems) == 0 {
		problems = c.problems()
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("settings:\n%w", errors.Join(problems...))
	}
	return &c, nil
}

// keysOf returns the settable values of a struct by dotted key.
func keysOf(v reflect.Value, prefix string) map[string]reflect.Value {
	all := map[string]reflect.Value{}
	for i := range v.NumField() {
		key := prefix + v.Type().Field(i).Tag.Get("key")
		if field := v.Field(i); field.Kind() == reflect.Struct {
			maps.Copy(all, keysOf(field, key+"."))
		} else {
			all[key] = field
		}
	}
	return all
}

func setFile(keys map[string]reflect.Value, path, text string) (problems []error) {
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		return []error{fmt.Errorf("  %s: %w", path, err)}
	}
	values := flatten(tree, "")
	for _, key := range slices.Sorted(maps.Keys(values)) {
		target, ok := keys[key]
		if !ok {
			problems = append(problems, fmt.Errorf("  %s: unknown key %s", path, key))
			continue
		}
		if err := setAny(target, values[key]); err != nil {
			problems = append(problems, fmt.Errorf("  %s: %s: %w", path, key, err))
		}
	}
	return problems
}

// flatten turns nested tables into dotted keys.
func flatten(tree map[string]any, prefix string) map[string]any {
	flat := map[string]any{}
	for name, value := range tree {
		if table, ok := value.(map[string]any); ok {
			maps.Copy(flat, flatten(table, prefix+name+"."))
		} else {
			flat[prefix+name] = value
		}
	}
	return flat
}

func setEnv(keys map[string]reflect.Value, vars map[string]string) (problems []error) {
	byName := maps.Clone(envAliases)
	for key := range keys {
		byName[envPrefix+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))] = key
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		key, ok := byName[name]
		switch {
		case ok && vars[name] == "" && envAliases[name] != "":
			// An empty DATABASE_URL or REDIS_URL means that there is none.
		case ok:
			if err := setText(keys[key], vars[name]); err != nil {
				problems = append(problems, fmt.Errorf("  %s: %w", name, err))
			}
		case strings.HasPrefix(name, envPrefix) && !slices.Contains(envOthers, name):
			problems = append(problems, fmt.Errorf("  %s: unknown variable", name))
		}
	}
	return problems
}

// setAny sets a value of a file: a string, a boolean or a list of strings.
func setAny(target reflect.Value, value any) error {
	switch value := value.(type) {
	case string:
		if target.Kind() != reflect.Slice {
			return setText(target, value)
		}
	case bool:
		if target.Kind() == reflect.Bool {
			target.SetBool(value)
			return nil
		}
	case []any:
		if target.Kind() == reflect.Slice {
			return setList(target, value)
		}
	}
	return fmt.Errorf("must be %s", wanted(target))
}

func setList(target reflect.Value, values []any) error {
	list := reflect.MakeSlice(target.Type(), 0, len(values))
	for _, value := range values {
		text, ok := value.(string)
		if !ok {
			return errors.New("must be a list of texts")
		}
		element := reflect.New(target.Type().Elem()).Elem()
		if err := setText(element, text); err != nil {
			return err
		}
		list = reflect.Append(list, element)
	}
	target.Set(list)
	return nil
}

// setText sets a value from its textual form. Errors do not quote the text,
// which may be a password.
func setText(target reflect.Value, text string) error {
	if target.Kind() == reflect.Slice {
		return setList(target, splitList(text))
	}
	var err error
	switch to := target.Addr().Interface().(type) {
	case *bool:
		*to, err = strconv.ParseBool(text)
	case *time.Duration:
		*to, err = time.ParseDuration(text)
	case encoding.TextUnmarshaler:
		err = to.UnmarshalText([]byte(text))
	default:
		target.SetString(text)
	}
	if err != nil {
		return fmt.Errorf("must be %s", wanted(target))
	}
	return nil
}

func splitList(text string) (list []any) {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// wanted describes the form of a value.
func wanted(target reflect.Value) string {
	switch target.Interface().(type) {
	case bool:
		return "true or false"
	case time.Duration:
		return `a duration such as "30s" or "6h"`
	case Percent:
		return `a per cent such as "50%"`
	}
	switch target.Type().String() {
	case "netip.Prefix":
		return `a network such as "10.0.0.0/8"`
	case "slog.Level":
		return "debug, info, warn or error"
	}
	if target.Kind() == reflect.Slice {
		return "a list of texts"
	}
	return "a text"
}
