package dev.coxswain.runtime.program;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.util.List;
import java.util.Optional;

/** The heap of the serial collector. The other collectors give back memory by themselves. */
final class SerialHeap implements HeapRest.Heap {
  private final GarbageCollectorMXBean youngCollector;
  private final MemoryPoolMXBean eden;
  private final MemoryPoolMXBean old;
  private long collections;
  private long allocated;

  private SerialHeap(
      GarbageCollectorMXBean youngCollector, MemoryPoolMXBean eden, MemoryPoolMXBean old) {
    this.youngCollector = youngCollector;
    this.eden = eden;
    this.old = old;
  }

  /** This program's heap; empty where another collector works. */
  static Optional<HeapRest.Heap> ofThisProgram() {
    Optional<GarbageCollectorMXBean> young =
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .filter(bean -> bean.getName().equals("Copy"))
            .findFirst();
    List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans();
    Optional<MemoryPoolMXBean> eden = named("Eden Space", pools);
    Optional<MemoryPoolMXBean> old = named("Tenured Gen", pools);
    if (young.isEmpty() || eden.isEmpty() || old.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new SerialHeap(young.get(), eden.get(), old.get()));
  }

  private static Optional<MemoryPoolMXBean> named(String name, List<MemoryPoolMXBean> pools) {
    return pools.stream().filter(pool -> pool.getName().equals(name)).findFirst();
  }

  @Override
  public long allocated() {
    long now = youngCollector.getCollectionCount();
    allocated += (now - collections) * eden.getUsage().getCommitted();
    collections = now;
    return allocated;
  }

  @Override
  public long old() {
    return old.getUsage().getUsed();
  }

  @Override
  public long oldAfterCollection() {
    return old.getCollectionUsage().getUsed();
  }

  @Override
  public void collect() {
    System.gc();
  }
}
