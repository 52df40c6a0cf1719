package io.dmio.nbd.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pages of a server, for all that its clients have in flight. Half of them are divided among as many clients as there may be:
 * each has its own, whatever the others do, so none can starve another. The other half is for whoever needs more; who has nothing
 * and finds too little there stands in line: first come, first served, and nobody takes of it meanwhile. A request that is larger
 * than all of it goes when nobody else has any of it. Safe for concurrent use.
 */
final class ServerPages {

    private final int own;
    private final int common;

    // guarded by this
    private final Map<Window, Integer> line = new LinkedHashMap<>();
    private final Map<Window, Integer> granted = new HashMap<>(); // by their turn in line, not taken yet
    private int inUse; // of those in common
    private boolean isNews; // the line was empty

    /**
     * All free.
     *
     * @param pages in all
     * @param clientsMax how many may have some
     */
    ServerPages(int pages, int clientsMax) {
        this.own = pages / 2 / clientsMax;
        this.common = pages - own * clientsMax;
    }

    /** How many a client has for itself, and need not take here. */
    int own() {
        return own;
    }

    /**
     * Takes pages of those in common, or, for who has no pages at all, a place in line, from which he is {@linkplain
     * Window#granted called}, to ask again.
     *
     * @param stands whether who finds too little stands in line; else he comes back once he has given back some of his
     */
    synchronized boolean take(Window who, int pages, boolean stands) {
        if (stands && !granted.isEmpty() && granted.remove(who) != null) {
            return true;
        }
        if (line.isEmpty() && (stands ? fits(pages) : pages <= common - inUse)) {
            inUse += pages;
            return true;
        }
        if (stands) {
            isNews |= line.isEmpty();
            line.putIfAbsent(who, pages);
        }
        return false;
    }

    /** Whether somebody stands in line, and nobody did when this was asked last. */
    synchronized boolean isNews() {
        boolean told = isNews;
        isNews = false;
        return told;
    }

    /** Gives pages back, and calls those whose turn it is. */
    void give(int pages) {
        List<Window> next;
        synchronized (this) {
            inUse -= pages;
            if (line.isEmpty()) {
                return;
            }
            next = grant();
        }
        next.forEach(Window::granted);
    }

    /** Who stands in line does not want any more. */
    void withdraw(Window who) {
        List<Window> next;
        synchronized (this) {
            line.remove(who);
            Integer untaken = granted.remove(who);
            inUse -= untaken == null ? 0 : untaken;
            next = grant();
        }
        next.forEach(Window::granted);
    }

    synchronized boolean isWaitedFor() {
        return !line.isEmpty();
    }

    /** How it is with those in common. */
    synchronized PageUse use() {
        return new PageUse(common, inUse, line.size());
    }

    /** How many of those in common are taken. */
    synchronized int inUse() {
        return inUse;
    }

    private List<Window> grant() {
        List<Window> next = new ArrayList<>(1);
        Iterator<Map.Entry<Window, Integer>> all = line.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Window, Integer> first = all.next();
            if (!fits(first.getValue())) {
                break;
            }
            inUse += first.getValue();
            granted.put(first.getKey(), first.getValue());
            next.add(first.getKey());
            all.remove();
        }
        return next;
    }

    private boolean fits(int pages) {
        return pages <= common - inUse || inUse == 0;
    }
}
