package dev.coxswain.store.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.AlarmType;
import dev.coxswain.store.error.StoreError;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What etcd 3.5 says of a member in the same state. */
final class HealthPagesTest {
  private final Patient member = new Patient();
  private final Book book = new Book();
  private final Pages pages = new Pages(new HealthPages(member, book).pages());

  private static final class Patient implements HealthPages.Subject {
    private boolean leader = true;
    private List<AlarmType> alarms = List.of();
    private boolean learner;
    private boolean readable = true;
    private boolean quorum = true;

    @Override
    public boolean leaderKnown() {
      return leader;
    }

    @Override
    public boolean learner() {
      return learner;
    }

    @Override
    public List<AlarmType> alarms() {
      return alarms;
    }

    @Override
    public CompletableFuture<?> read(boolean serializable) {
      return readable && (serializable || quorum)
          ? CompletableFuture.completedFuture("read")
          : CompletableFuture.failedFuture(
              (readable ? StoreError.TIMEOUT : StoreError.STOPPED).exception());
    }
  }

  private static final class Book implements HealthPages.Register {
    private final List<String> entries = new ArrayList<>();

    @Override
    public void told(boolean well) {
      entries.add("health " + well);
    }

    @Override
    public void checked(String kind, String check, boolean passed) {
      entries.add(kind + " " + check + " " + passed);
    }
  }

  private void shows(String uri, int status, String text) {
    Pages.Page page = pages.at(uri);
    assertThat(page.text()).as(uri).isEqualTo(text);
    assertThat(page.status()).as(uri).isEqualTo(status);
  }

  @Test
  void oneThatIsWellSaysSoEverywhere() {
    shows("/health", 200, "{\"health\":\"true\",\"reason\":\"\"}");
    shows("/livez", 200, "ok\n");
    shows("/readyz", 200, "ok\n");
    shows("/livez?verbose", 200, "[+]serializable_read ok\nok\n");
    shows(
        "/readyz?verbose=1",
        200,
        """
        [+]data_corruption ok
        [+]serializable_read ok
        [+]linearizable_read ok
        [+]non_learner ok
        ok
        """);
    shows("/readyz/linearizable_read?verbose", 200, "[+]linearizable_read ok\nok\n");
    shows("/livez/linearizable_read", 404, "404 page not found\n");
    shows("/health?exclude=%zz", 400, "400 Bad Request\n");
  }

  @Test
  void anAlarmIsToldUnlessItIsExcluded() {
    member.alarms = List.of(AlarmType.NOSPACE, AlarmType.CORRUPT);
    shows("/health", 503, "{\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}");
    shows("/health?exclude=", 503, "{\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}");
    shows("/health?exclude=NOSPACE", 503, "{\"health\":\"false\",\"reason\":\"ALARM CORRUPT\"}");
    shows("/health?exclude=NOSPACE&exclude=CORRUPT", 200, "{\"health\":\"true\",\"reason\":\"\"}");
    shows("/livez", 200, "ok\n");
    shows(
        "/readyz",
        503,
        """
        [-]data_corruption failed: alarm activated: CORRUPT
        [+]serializable_read ok
        [+]linearizable_read ok
        [+]non_learner ok

        """);
    shows("/readyz?exclude=data_corruption&exclude=unknown", 200, "ok\n");
    shows(
        "/readyz/data_corruption?exclude=data_corruption",
        503,
        "[-]data_corruption failed: alarm activated: CORRUPT\n\n");
  }

  @Test
  void oneWithoutLeaderIsAliveAndNotReady() {
    member.leader = false;
    member.quorum = false;
    shows("/health", 503, "{\"health\":\"false\",\"reason\":\"RAFT NO LEADER\"}");
    shows("/health?serializable=true", 200, "{\"health\":\"true\",\"reason\":\"\"}");
    shows("/livez", 200, "ok\n");
    shows(
        "/readyz",
        503,
        """
        [+]data_corruption ok
        [+]serializable_read ok
        [-]linearizable_read failed: etcdserver: request timed out
        [+]non_learner ok

        """);
    shows("/readyz?exclude=linearizable_read", 200, "ok\n");
  }

  @Test
  void aLearnerIsAliveAndNotReady() {
    member.learner = true;
    shows("/health", 200, "{\"health\":\"true\",\"reason\":\"\"}");
    shows("/livez", 200, "ok\n");
    shows("/readyz/linearizable_read", 200, "ok\n");
    shows("/readyz/non_learner", 503, "[-]non_learner failed: not supported for learner\n\n");
    shows(
        "/readyz",
        503,
        """
        [+]data_corruption ok
        [+]serializable_read ok
        [+]linearizable_read ok
        [-]non_learner failed: not supported for learner

        """);
    shows("/readyz?exclude=non_learner", 200, "ok\n");
  }

  @Test
  void oneThatCannotReadIsNeither() {
    member.readable = false;
    shows(
        "/health",
        503,
        "{\"health\":\"false\",\"reason\":\"RANGE ERROR:etcdserver: server stopped\"}");
    shows(
        "/health?serializable=true",
        503,
        "{\"health\":\"false\",\"reason\":\"RANGE ERROR:etcdserver: server stopped\"}");
    shows("/livez", 503, "[-]serializable_read failed: etcdserver: server stopped\n\n");
  }

  @Test
  void whatWasToldIsCounted() {
    pages.at("/health");
    member.leader = false;
    pages.at("/health");
    member.quorum = false;
    pages.at("/livez");
    pages.at("/readyz?exclude=data_corruption");
    assertThat(book.entries)
        .containsExactly(
            "health true",
            "health false",
            "livez serializable_read true",
            "readyz serializable_read true",
            "readyz linearizable_read false",
            "readyz non_learner true");
  }
}
