package store

import "syscall"

// remotes are the network file systems by the number that the kernel gives them.
var remotes = map[uint32]string{
	0x6969:     "nfs",
	0x517b:     "smb",
	0xfe534d42: "smb3",
	0xff534d42: "cifs",
	0x00c36400: "ceph",
	0x5346414f: "afs",
	0x0bd00bd0: "lustre",
}

// Remote names the network file system that a path is on: there a lock may be known
// to one machine alone, and a file be written later than is said. "" where it is on
// none of those that are known, and where the path cannot be looked at.
func Remote(path string) string {
	var s syscall.Statfs_t
	if syscall.Statfs(path, &s) != nil {
		return ""
	}
	return remotes[uint32(s.Type)]
}
