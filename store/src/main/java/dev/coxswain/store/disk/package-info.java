/** What the disk has to give: room, and what was written there before. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.disk;
