package dev.coxswain.store.storm;

import dev.coxswain.proto.etcd.HashKVRequest;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.LeaseGrpc;
import dev.coxswain.proto.etcd.LeaseLeasesRequest;
import dev.coxswain.proto.etcd.MaintenanceGrpc;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.history.Answer;
import dev.coxswain.store.history.Call;
import dev.coxswain.store.history.Chronicle;
import dev.coxswain.store.history.Event;
import dev.coxswain.store.history.Recording;
import dev.coxswain.store.history.Request;
import dev.coxswain.store.history.Tenure;
import dev.coxswain.store.history.Watching;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One storm: a fleet, clients, a schedule of faults, and then calm enough to see what is left. */
final class Storm implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Storm.class);

  /** All keys of all clients lie between. */
  private static final String FIRST_KEY = "a";

  private static final String LAST_KEY = "z";
  private static final int CLIENTS = 6;
  private static final int LEASE_HOLDERS = 2;
  private static final Duration RECOVERY = Duration.ofMinutes(2);
  private static final Duration CALM = Duration.ofMillis(700);
  private static final int PROBE_SECONDS = 2;

  /** For what is asked once, when all is calm, however busy the machine. */
  private static final int ANSWER_SECONDS = 60;

  private final Time time = new SystemTime();
  private final Schedule schedule;
  private final Fleet fleet;
  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final Queue<Tenure> tenures = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final List<Client> clients = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<Observer> observers = new ArrayList<>();
  private final Observer scribe;

  /** A storm whose clients and faults follow from the seed, below an empty directory. */
  Storm(long seed, Function<Randomness, Schedule> schedules, Path directory) throws IOException {
    Randomness random = Randomness.seeded(seed);
    this.schedule = schedules.apply(random);
    this.fleet = new Fleet(directory);
    this.scribe = observer("scribe", FIRST_KEY, LAST_KEY, random);
    observer("second", FIRST_KEY, LAST_KEY, random);
    observer("keys", Workload.FIRST_KEY, Workload.LAST_KEY, random);
    observer("leases", "lease/", "lease0", random);
    for (int i = 0; i < CLIENTS + LEASE_HOLDERS; i++) {
      Randomness own = Randomness.seeded(random.bits());
      Client client = new Client(i, fleet, time, own, calls);
      clients.add(client);
      Runnable work =
          i < CLIENTS
              ? new Workload(i, client, own, time, scribe::seen, stopped::get)
              : new LeaseHolder(i, client, time, own, tenures, stopped::get);
      threads.add(Thread.ofVirtual().name("client-" + i).start(work));
    }
  }

  private Observer observer(String name, String from, String to, Randomness random) {
    Observer observer = new Observer(name, from, to, fleet, time, Randomness.seeded(random.bits()));
    observers.add(observer);
    return observer;
  }

  Schedule schedule() {
    return schedule;
  }

  /** Lets it blow, then waits until the store has settled, and returns what was recorded. */
  Recording run() throws InterruptedException {
    for (Schedule.Step step : schedule.steps()) {
      step.fault().strike(fleet, fleet.awaitLeader());
      time.sleep(step.length());
      Fault.lift(fleet);
      long lifted = time.nanos();
      awaitService();
      LOG.info(
          "{} over: all members serve {} ms later, {} calls so far",
          step.fault(),
          Duration.ofNanos(time.nanos() - lifted).toMillis(),
          calls.size());
      observers.get((int) (step.length().toNanos() % observers.size())).move();
      time.sleep(CALM);
    }
    stopped.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    awaitLeasesOver();
    readEverywhere();
    awaitObservers();
    return recording();
  }

  /** Every member answers as of now again, and nothing keeps writes from being taken. */
  private void awaitService() {
    Awaitility.await("no alarm")
        .atMost(RECOVERY)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
        .until(() -> fleet.status(fleet.awaitLeader()).getErrorsList().isEmpty());
    for (int i = 0; i < Fleet.SIZE; i++) {
      int member = i;
      Awaitility.await("member " + member + " serves again")
          .atMost(RECOVERY)
          .pollInterval(Duration.ofMillis(100))
          .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
          .until(() -> revision(member) > 0);
    }
  }

  private long revision(int member) {
    fleet.channel(member).resetConnectBackoff();
    return KVGrpc.newBlockingStub(fleet.channel(member))
        .withDeadlineAfter(PROBE_SECONDS, TimeUnit.SECONDS)
        .range(RangeRequest.newBuilder().setKey(Codec.bytes("probe")).build())
        .getHeader()
        .getRevision();
  }

  /** Nobody renews any more: all leases must end, and their keys with them. */
  private void awaitLeasesOver() {
    Awaitility.await("all leases are over")
        .atMost(RECOVERY)
        .pollInterval(Duration.ofMillis(250))
        .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
        .until(() ->
            LeaseGrpc.newBlockingStub(fleet.channel(0))
                    .withDeadlineAfter(PROBE_SECONDS, TimeUnit.SECONDS)
                    .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
                    .getLeasesCount()
                == 0);
  }

  /** The end as each member shows it: part of the history, which has to fit. */
  private void readEverywhere() {
    Client client = clients.getFirst();
    for (int i = 0; i < Fleet.SIZE; i++) {
      int member = i;
      Awaitility.await("member " + member + " answers")
          .atMost(RECOVERY)
          .pollDelay(Duration.ZERO)
          .until(() -> {
            client.use(member);
            Answer answer = client.call(new Request.Read(FIRST_KEY, LAST_KEY, false, 0));
            return answer instanceof Answer.Found;
          });
    }
  }

  private void awaitObservers() {
    long last =
        Awaitility.await("the last revision")
            .atMost(RECOVERY)
            .pollDelay(Duration.ZERO)
            .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
            .until(() -> revision(0), found -> found > 0);
    Awaitility.await("every watcher is told everything")
        .atMost(RECOVERY)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> observers.stream().allMatch(observer -> observer.seen() >= last));
  }

  private Recording recording() {
    List<Event> events = new ArrayList<>();
    for (Watching.Sighting sighting : scribe.watching().sightings()) {
      if (sighting instanceof Watching.Sighting.Told told) {
        events.addAll(told.events());
      }
    }
    return new Recording(
        List.copyOf(calls),
        new Chronicle(events),
        observers.stream().map(Observer::watching).toList(),
        List.copyOf(tenures));
  }

  /** The hash of each member's whole history, as far back as all have it. */
  List<Integer> hashes() {
    List<Integer> hashes = new ArrayList<>();
    for (int member = 0; member < Fleet.SIZE; member++) {
      hashes.add(
          MaintenanceGrpc.newBlockingStub(fleet.channel(member))
              .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
              .hashKV(HashKVRequest.getDefaultInstance())
              .getHash());
    }
    return hashes;
  }

  @Override
  public void close() {
    stopped.set(true);
    observers.forEach(Observer::close);
    clients.forEach(Client::close);
    fleet.close();
  }
}
