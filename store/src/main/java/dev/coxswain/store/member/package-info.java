/**
 * Who a member is: its identity, its cluster, its addresses, and the mark it leaves in its data
 * directory.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.member;
