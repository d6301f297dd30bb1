package dev.coxswain.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.runtime.time.ManualTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompactorTest {
  private final MemoryStore store = new MemoryStore();
  private final Compactor compactor = new Compactor(store, new ManualTime());

  private long write() {
    store.commit(List.of(new StoreWrite.Put("/registry/x", StoreWrite.ANY, new byte[1], 0)));
    return store.revision();
  }

  @Test
  void aPeriodOfHistoryIsKept() {
    long first = write();
    compactor.step();
    long second = write();
    assertThat(store.range("/a", "/z", first, 10).count()).isEqualTo(1);
    compactor.step();
    write();
    compactor.step();
    assertThatThrownBy(() -> store.range("/a", "/z", first, 10))
        .isInstanceOf(CompactedException.class);
    assertThat(store.range("/a", "/z", second, 10).count()).isEqualTo(1);
  }
}
