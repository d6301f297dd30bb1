package dev.coxswain.apiserver.flow;

import java.util.ArrayList;
import java.util.List;

/** A priority level at work: its seats and its queues. Belongs to {@link FairQueues}. */
final class Level {
  PriorityLevel spec;

  /** How many seats are its own. */
  int nominal = 1;

  /** How many of them others may use while it does not. */
  int lendable;

  /** How many seats of others it may use. */
  int borrowing;

  /** How many seats its requests have. */
  int running;

  /** How many of its requests wait. */
  int waiting;

  List<Line> lines = List.of();

  /** How much the line that is served now has been served: where a line begins that was idle. */
  double served;

  Level(PriorityLevel spec) {
    this.spec = spec;
    resize();
  }

  /** Makes as many lines as the specification says; those who wait line up anew. */
  void resize() {
    PriorityLevel.Queuing queuing = spec.queuing();
    int wanted = queuing == null ? 0 : queuing.queues();
    if (lines.size() == wanted) {
      return;
    }
    List<Ticket> waited =
        lines.stream()
            .flatMap(line -> line.waiting.stream())
            .sorted((one, other) -> Long.compare(one.arrived, other.arrived))
            .toList();
    List<Line> fresh = new ArrayList<>(wanted);
    for (int i = 0; i < Math.max(wanted, waited.isEmpty() ? 0 : 1); i++) {
      fresh.add(new Line());
    }
    lines = fresh;
    waited.forEach(ticket -> lineUp(ticket, choose(ticket.flow)));
  }

  void lineUp(Ticket ticket, Line line) {
    boolean idle = line.waiting.isEmpty() && line.running == 0;
    if (idle) {
      // What a line did not use while nobody stood in it is not saved up.
      line.served = Math.max(line.served, served);
    }
    ticket.line = line;
    line.waiting.add(ticket);
    line.wanted += ticket.width;
  }

  /**
   * The shortest of the lines that a flow may choose from. Each flow has a hand of its own, so that
   * one that fills its lines leaves another with at least one that is free (shuffle sharding).
   */
  Line choose(long flow) {
    PriorityLevel.Queuing queuing = spec.queuing();
    int hand = queuing == null ? 1 : Math.min(queuing.handSize(), lines.size());
    int[] dealt = new int[hand];
    long entropy = flow >>> 1;
    Line best = lines.getFirst();
    for (int i = 0; i < hand; i++) {
      int left = lines.size() - i;
      int card = (int) (entropy % left);
      entropy /= left;
      // The card counts among those that have not been dealt yet; they are kept in order.
      int place = 0;
      while (place < i && dealt[place] <= card) {
        card++;
        place++;
      }
      System.arraycopy(dealt, place, dealt, place + 1, i - place);
      dealt[place] = card;
      Line line = lines.get(card);
      if (i == 0 || load(line) < load(best)) {
        best = line;
      }
    }
    return best;
  }

  private static int load(Line line) {
    return line.wanted * 1000 + line.running;
  }
}
