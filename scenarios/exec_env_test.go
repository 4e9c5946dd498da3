package scenarios

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestVariablesFromIncidents: what programs are steered by never comes from an
// incident; what an author's own program reads may.
func TestVariablesFromIncidents(t *testing.T) {
	for _, c := range []struct {
		names   string
		refused bool
	}{
		{"PATH LD_PRELOAD LD_AUDIT DYLD_INSERT_LIBRARIES GLIBC_TUNABLES GCONV_PATH BASH_ENV ENV IFS SHELLOPTS PS4 PROMPT_COMMAND", true},
		{"GIT_SSH_COMMAND GIT_CONFIG_COUNT GIT_DIR GIT_EDITOR SSH_AUTH_SOCK SSH_ASKPASS SSL_CERT_FILE OPENSSL_CONF", true},
		{"PYTHONPATH PYTHONSTARTUP PERL5OPT PERL5LIB RUBYOPT NODE_OPTIONS NODE_PATH JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS CLASSPATH", true},
		{"HOME XDG_CONFIG_HOME KUBECONFIG DOCKER_HOST PGSERVICEFILE EDITOR PAGER LESSOPEN http_proxy HTTPS_PROXY ALL_PROXY RSYNC_RSH CURL_HOME TMPDIR", true},
		{"HOST TARGET TITLE DISK_PATH SRC NODE_NAME LDAP_HOST LANG SERVICE INCIDENT_ID", false},
	} {
		for _, name := range strings.Fields(c.names) {
			yaml := head + "check: [{name: c, exec: {command: [ls], env: {" + name + ": '${{ incident.title }}'}}}]\n"
			_, err := LoadFS(fstest.MapFS{"s.yaml": {Data: []byte(yaml)}}, Options{})
			if c.refused != (err != nil) || err != nil && !strings.Contains(err.Error(), "programs let "+name+" say") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
