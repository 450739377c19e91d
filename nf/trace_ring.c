// SPDX-License-Identifier: GPL-2.0
/*
 * Where a session's records wait for its reader: a ring for each CPU, with one
 * writer, the CPU itself, and one reader. Records are numbered as they are
 * written, so that the reader gets them in their order, from all CPUs.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "nf/trace.h"

/* Records for which each CPU has room; a power of two. */
#define ROOM	1024

/**
 * struct cpu_ring - the records of one CPU
 * @head: how many were written; by the CPU
 * @tail: how many were taken; by the reader
 * @read: how many of them the reader has looked at; only the reader
 * @lost: how many found no room, since the last that did; only the CPU
 * @lost_all: how many since the beginning; by the CPU
 * @record: where they lie
 */
struct cpu_ring {
	u32 head;
	u32 tail;
	u32 read;
	u32 lost;
	u64 lost_all;
	struct ctrack_trace_record *record;
};

/**
 * struct ctrack_trace_ring - the rings of a session
 * @sequence: the number that was given last
 * @taken: the number that was taken last; only the reader
 * @read: the number that was looked at last; only the reader
 * @cpu: a ring for each
 */
struct ctrack_trace_ring {
	atomic64_t sequence;
	u64 taken;
	u64 read;
	struct cpu_ring __percpu *cpu;
};

/**
 * ctrack_trace_ring_free - give rings back
 * @ring: they, which nobody writes to any more; or NULL
 */
void ctrack_trace_ring_free(struct ctrack_trace_ring *ring)
{
	int cpu;

	if (!ring)
		return;
	if (ring->cpu)
		for_each_possible_cpu(cpu)
			kvfree(per_cpu_ptr(ring->cpu, cpu)->record);
	free_percpu(ring->cpu);
	kfree(ring);
}

/**
 * ctrack_trace_ring_alloc - make empty rings
 *
 * Return: they, or NULL when there is no memory.
 * Context: process.
 */
struct ctrack_trace_ring *ctrack_trace_ring_alloc(void)
{
	struct ctrack_trace_ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL);
	struct cpu_ring *own;
	int cpu;

	if (!ring)
		return NULL;
	ring->cpu = alloc_percpu(struct cpu_ring);
	if (!ring->cpu)
		goto failed;
	for_each_possible_cpu(cpu) {
		own = per_cpu_ptr(ring->cpu, cpu);
		own->record = kvcalloc(ROOM, sizeof(*own->record),
				       GFP_KERNEL_ACCOUNT);
		if (!own->record)
			goto failed;
	}
	return ring;

failed:
	ctrack_trace_ring_free(ring);
	return NULL;
}

/**
 * ctrack_trace_ring_put - write a record
 * @ring: where
 * @record: what; gets its sequence number and what was lost before it
 *
 * Return: false when there is no room, which is counted.
 * Context: interrupts off.
 */
bool ctrack_trace_ring_put(struct ctrack_trace_ring *ring,
			   struct ctrack_trace_record *record)
{
	struct cpu_ring *own = this_cpu_ptr(ring->cpu);
	u32 head = own->head;

	/* Pairs with ctrack_trace_ring_taken(): what lay there was read. */
	if (head - smp_load_acquire(&own->tail) >= ROOM) {
		own->lost++;
		WRITE_ONCE(own->lost_all, own->lost_all + 1);
		return false;
	}
	record->lost = own->lost;
	own->lost = 0;
	record->sequence = atomic64_inc_return(&ring->sequence);
	own->record[head % ROOM] = *record;
	/* Pairs with next_of(). */
	smp_store_release(&own->head, head + 1);
	return true;
}

static const struct ctrack_trace_record *next_of(struct cpu_ring *own)
{
	/* Pairs with ctrack_trace_ring_put(): it is written whole. */
	if (own->read == smp_load_acquire(&own->head))
		return NULL;
	return &own->record[own->read % ROOM];
}

/**
 * ctrack_trace_ring_next - look at the next record
 * @ring: from where; one reader at a time
 *
 * Return: the record, which stays until ctrack_trace_ring_taken(); NULL when
 * there is none, or it is just being written.
 */
const struct ctrack_trace_record *
ctrack_trace_ring_next(struct ctrack_trace_ring *ring)
{
	const struct ctrack_trace_record *record;
	struct cpu_ring *own;
	int cpu;

	for_each_possible_cpu(cpu) {
		own = per_cpu_ptr(ring->cpu, cpu);
		record = next_of(own);
		if (!record || record->sequence != ring->read + 1)
			continue;
		own->read++;
		ring->read++;
		return record;
	}
	return NULL;
}

/**
 * ctrack_trace_ring_taken - what was looked at is not needed any more
 * @ring: its ring
 */
void ctrack_trace_ring_taken(struct ctrack_trace_ring *ring)
{
	struct cpu_ring *own;
	int cpu;

	for_each_possible_cpu(cpu) {
		own = per_cpu_ptr(ring->cpu, cpu);
		/* Pairs with ctrack_trace_ring_put(). */
		smp_store_release(&own->tail, own->read);
	}
	ring->taken = ring->read;
}

/**
 * ctrack_trace_ring_again - look at it all again
 * @ring: its ring
 */
void ctrack_trace_ring_again(struct ctrack_trace_ring *ring)
{
	struct cpu_ring *own;
	int cpu;

	for_each_possible_cpu(cpu) {
		own = per_cpu_ptr(ring->cpu, cpu);
		own->read = own->tail;
	}
	ring->read = ring->taken;
}

/**
 * ctrack_trace_ring_lost - how many records found no room
 * @ring: where
 *
 * Return: the number since the beginning, on all CPUs.
 */
u64 ctrack_trace_ring_lost(const struct ctrack_trace_ring *ring)
{
	u64 lost = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		lost += READ_ONCE(per_cpu_ptr(ring->cpu, cpu)->lost_all);
	return lost;
}
