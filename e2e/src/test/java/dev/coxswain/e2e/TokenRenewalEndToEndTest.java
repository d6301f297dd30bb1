package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/**
 * A token's file is written anew after four fifths of the token's life. Among all tests this one is
 * among the last, so that those minutes have mostly gone by; alone it takes nine.
 */
@ExtendWith(SharedCluster.class)
final class TokenRenewalEndToEndTest {
  /** One that was there from the start, or came with the kubelet, was issued before. */
  private static final long RENEWED_AFTER = TokenHolder.LIFE * 2 / 3;

  @Test
  void aTokenIsWrittenAnewUnderItsContainerBeforeItEnds(Cluster cluster) {
    TokenHolder holder = new TokenHolder(cluster);
    List<TokenHolder.Held> unusable = new ArrayList<>();
    AtomicReference<TokenHolder.Held> renewed = new AtomicReference<>();
    Cluster.eventually(
        "a token that was renewed for its age",
        Duration.ofSeconds(TokenHolder.LIFE + Cluster.PATIENCE.toSeconds()),
        Duration.ofSeconds(5),
        () -> {
          JsonNode pod = holder.pod();
          TokenHolder.Held held = holder.read(pod);
          if (held.expires() <= held.now() || held.expires() - held.issued() != TokenHolder.LIFE) {
            unusable.add(held);
          }
          renewed.set(held);
          return held.issued() >= holder.undisturbedSince(pod) + RENEWED_AFTER;
        });
    assertThat(unusable).isEmpty();
    JsonNode review = holder.review(renewed.get().token());
    assertThat(review.at("/status/authenticated").asBoolean(false)).isTrue();
    assertThat(review.at("/status/user/username").asString())
        .isEqualTo("system:serviceaccount:token-renewal:default");
  }
}
