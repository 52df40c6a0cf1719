package io.dmio.nbd.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pages of a server, for all that its clients have in flight. Half of them are divided among as many clients as there may be: each client
 * has its own, whatever the others do, so none can starve another. The other half is common, for clients that need more. A client that has no
 * pages and finds too few there stands in line: first come, first served, and nobody takes common pages meanwhile. A request larger than all
 * common pages goes when nobody else has any of them. Safe for concurrent use.
 */
final class ServerPages {

    private final int own;
    private final int common;

    // guarded by this
    private final Map<Window, Integer> line = new LinkedHashMap<>();
    private final Map<Window, Integer> granted = new HashMap<>(); // pages whose turn in line has come, not taken yet
    private int inUse; // of the common pages
    private boolean isNews; // the line was empty

    /**
     * Creates the pages, all free.
     *
     * @param pages the number of all pages
     * @param clientsMax how many may have some
     */
    ServerPages(int pages, int clientsMax) {
        this.own = pages / 2 / clientsMax;
        this.common = pages - own * clientsMax;
    }

    /** Returns how many pages a client has for itself, and need not take here. */
    int own() {
        return own;
    }

    /**
     * Takes common pages. If there are too few, a client that has no pages at all takes a place in line, from which it is
     * {@linkplain Window#granted called}, to ask again.
     *
     * @param stands whether a client that finds too few stands in line; else it comes back once it has given back some of its own
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

    /** Returns whether somebody joined the line while it was empty, since this was asked last. */
    synchronized boolean isNews() {
        boolean told = isNews;
        isNews = false;
        return told;
    }

    /** Gives pages back, and calls the clients whose turn it is. */
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

    /** Removes a client that no longer wants to stand in line. */
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

    /** Returns the use of the common pages. */
    synchronized PageUse use() {
        return new PageUse(common, inUse, line.size());
    }

    /** Returns how many common pages are taken. */
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
