package dev.coxswain.kubelet.csi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DriversTest {
  private final Drivers drivers = new Drivers();
  private final AtomicInteger told = new AtomicInteger();

  @AfterEach
  void close() {
    drivers.close();
  }

  @Test
  void theEndOfAnOldSocketLeavesTheDriverThatCameByANewOne() {
    drivers.listen(told::incrementAndGet);
    Driver old = driver("/nowhere/old.sock");
    Driver newer = driver("/nowhere/new.sock");
    drivers.put(old);
    drivers.put(newer);
    assertThat(told).hasValue(2);
    drivers.remove(old);
    assertThat(drivers.find("disks.example.com")).containsSame(newer);
    assertThat(told).hasValue(2);
    drivers.remove(newer);
    assertThat(drivers.all()).isEmpty();
    assertThat(told).hasValue(3);
  }

  private static Driver driver(String socket) {
    return new Driver("disks.example.com", "n1", 0, Map.of(), Set.of(), new NodePlugin(socket));
  }
}
