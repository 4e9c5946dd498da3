package scenarios

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestValuesBehindLaunchers: a value of the incident is what a program is told,
// never which program, script or code is run.
func TestValuesBehindLaunchers(t *testing.T) {
	for command, refused := range map[string]bool{
		`sh, -c, 'ls "$1"', sh, V`: false, `sh, /srv/mend.sh, V`: false, `sh, /srv/mend.sh, --host, V`: false, `perl, -e, 'print @_', V`: false,
		`sudo, -n, systemctl, restart, V`: false, `sudo, -u, web, /srv/mend, V`: false, `timeout, 5, /srv/mend, V`: false, `env, A=b, /srv/mend, V`: false,
		`xargs, -n, 1, /srv/mend, V`: false, `sudo, timeout, -k, 1, 5, /srv/mend, V`: false, `'${{ vars.mend }}', -c, V`: false,
		`sh, V`: true, `sh, -c, V`: true, `sh, -c, --, V`: true, `bash, -c, +x, V`: true, `sh, -o, errexit, V`: true, `sh, -c, -o, errexit, V`: true,
		`python3, -W, ignore, V`: true, `python3, -c, V`: true, `perl, -e, 1, -e, V`: true, `/bin/busybox, V`: true, `awk, -F, ":", V`: true,
		`env, V`: true, `env, A=b, V`: true, `env, -u, A, V`: true, `sudo, V`: true, `sudo, -n, V`: true, `sudo, -u, root, V`: true, `sudo, A=b, V`: true,
		`timeout, 5, V`: true, `timeout, -k, 1, 5, V`: true, `nice, -n, 5, V`: true, `nohup, V`: true, `setsid, --, V`: true, `xargs, -n, 1, V`: true,
		`chroot, /srv, V`: true, `timeout, 5, sudo, -n, sh, -c, V`: true, `sudo, runuser, web, V`: true, `'${{ vars.shell }}', -c, V`: true,
		`'/bin/${{ vars.shell }}', -c, V`: true,
	} {
		yaml := head + "vars: {shell: sh, mend: /srv/mend}\ncheck: [{name: c, exec: [" + strings.ReplaceAll(command, "V", "'${{ incident.title }}'") + "]}]\n"
		_, err := LoadFS(fstest.MapFS{"s.yaml": {Data: []byte(yaml)}}, Options{})
		if refused != (err != nil) || err != nil && !strings.Contains(err.Error(), "a value of the incident") {
			t.Errorf("%s: %v", command, err)
		}
	}
}
