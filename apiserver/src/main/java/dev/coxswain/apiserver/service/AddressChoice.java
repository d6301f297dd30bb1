package dev.coxswain.apiserver.service;

import dev.coxswain.apiserver.service.AddressBook.Offer;
import dev.coxswain.runtime.time.Randomness;
import java.util.Optional;
import java.util.OptionalLong;

/** Finds addresses for Services in the ranges that are offered. */
record AddressChoice(AddressBook book, Randomness randomness) {

  /**
   * An address and the range that it is of.
   *
   * @param address the address
   * @param offer the range
   */
  record Chosen(String address, Offer offer) {}

  /** An address that nobody has; empty where all are taken. */
  Optional<Chosen> free() {
    Optional<Chosen> found = freeAsTheBookShows();
    if (found.isEmpty()) {
      book.catchUp();
      found = freeAsTheBookShows();
    }
    return found;
  }

  private Optional<Chosen> freeAsTheBookShows() {
    for (Offer offer : book.offers()) {
      AddressRange addresses = offer.addresses();
      long reserved = Math.max(1, addresses.reserved());
      // The upper part first, so that those who ask for a certain address find it free.
      OptionalLong found = free(addresses, reserved, addresses.size() - 1);
      if (found.isEmpty()) {
        found = free(addresses, 1, reserved);
      }
      if (found.isPresent()) {
        return Optional.of(new Chosen(addresses.at(found.getAsLong()), offer));
      }
    }
    return Optional.empty();
  }

  /** The first that is free from a random one on; looks at one more than are taken at most. */
  private OptionalLong free(AddressRange addresses, long from, long end) {
    long count = end - from;
    if (count <= 0) {
      return OptionalLong.empty();
    }
    long start = randomness.below(count);
    for (long step = 0; step < count; step++) {
      long offset = from + (start + step) % count;
      if (!book.taken(addresses.at(offset))) {
        return OptionalLong.of(offset);
      }
    }
    return OptionalLong.empty();
  }

  /**
   * The range that an address, which somebody asks for, is of.
   *
   * @throws OutsideException where it is of none, or cannot be given out
   */
  Offer containing(String address) throws OutsideException {
    Optional<Offer> found = find(address);
    if (found.isEmpty()) {
      book.catchUp();
      found = find(address);
    }
    Offer offer =
        found.orElseThrow(
            () -> new OutsideException("the provided network does not match the current range"));
    if (!offer.addresses().usable(address)) {
      throw new OutsideException(
          "the provided IP ("
              + address
              + ") is not in the valid range. The range of valid IPs is "
              + offer.addresses().cidr());
    }
    return offer;
  }

  /** A range that can give the address out; where none can, one that has it at its edge. */
  private Optional<Offer> find(String address) {
    Optional<Offer> edge = Optional.empty();
    for (Offer offer : book.offers()) {
      if (offer.addresses().usable(address)) {
        return Optional.of(offer);
      }
      if (offer.addresses().contains(address)) {
        edge = Optional.of(offer);
      }
    }
    return edge;
  }

  /** Why an address cannot be given out, in upstream's words. */
  static final class OutsideException extends Exception {
    private static final long serialVersionUID = 1L;

    OutsideException(String message) {
      super(message);
    }
  }
}
