package dev.coxswain.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ForwardedPortsTest {
  @Test
  void portsComeUnderBothNamesAloneOrTogether() {
    assertThat(ports("")).isEmpty();
    assertThat(ports("?ports=80")).containsExactly(80);
    assertThat(ports("?port=80,443&ports=9376&port=53")).containsExactly(80, 443, 53, 9376);
  }

  @Test
  void whatIsNoPortIsNamed() {
    for (String wrong : List.of("http", "0", "-1", "65536", "")) {
      assertThatThrownBy(() -> ports("?port=" + wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("unable to parse \"" + wrong + "\" as a port");
    }
  }

  private static List<Integer> ports(String query) {
    return ForwardedPorts.of(new QueryStringDecoder("/portForward/default/pod" + query));
  }
}
