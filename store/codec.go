package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const sumSize = 4

// checksum covers where a value lies as well as the value: a damaged key, or a
// page that turns up in the wrong place, is found like a damaged value.
func checksum(key, value []byte) uint32 {
	var size [4]byte
	binary.BigEndian.PutUint32(size[:], uint32(len(key)))
	sum := crc32.Update(0, castagnoli, size[:])
	sum = crc32.Update(sum, castagnoli, key)
	return crc32.Update(sum, castagnoli, value)
}

// seal is what is stored for a value: its checksum, then the value.
func seal(key, value []byte) []byte {
	b := make([]byte, 0, sumSize+len(value))
	b = binary.BigEndian.AppendUint32(b, checksum(key, value))
	return append(b, value...)
}

// unseal is the value of what is stored. It shares the memory of b.
func unseal(key, b []byte) ([]byte, error) {
	if len(b) < sumSize {
		return nil, damaged("%q: too short", key)
	}
	value := b[sumSize:]
	if binary.BigEndian.Uint32(b) != checksum(key, value) {
		return nil, damaged("%q: checksum", key)
	}
	return value, nil
}

// decode reads stored JSON. Its checksum was right, so what does not parse was
// written wrong or forged: damage all the same.
func decode(table table, key, value []byte, into any) error {
	if err := json.Unmarshal(value, into); err != nil {
		return damaged("%s %q: %v", table, key, err)
	}
	return nil
}

// Hash is the key of a blob: its SHA-256 in hex.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
