/** Tells who leads where it stood before there were Leases. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.leader;
