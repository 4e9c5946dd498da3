package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"amsbot/store"
)

func TestEndSaysWhatToDo(t *testing.T) {
	damaged := ended(fmt.Errorf("outbox: %w", store.ErrDamaged))
	if !errors.Is(damaged, store.ErrDamaged) || !strings.Contains(Hint(damaged), "restore a backup") {
		t.Errorf("a damaged database: %v (%s)", damaged, Hint(damaged))
	}
	other := errors.New("webhook: serve: closed")
	if err := ended(other); err != other {
		t.Errorf("anything else: %v", err)
	}
	if err := ended(context.Canceled); err != nil {
		t.Errorf("a stop: %v", err)
	}
}
