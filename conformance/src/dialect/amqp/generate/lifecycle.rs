//! The beginning and the end of channels and connections, and time.

use std::time::Duration;

use super::super::super::Datum;
use super::super::super::generated::{Act, Move};
use super::world::Lane;
use super::{Maker, text};

/// How long is waited: until what expires soon has expired.
const PAUSE: Duration = Duration::from_millis(400);

impl Maker<'_> {
    /// Opens a channel that was closed.
    pub(super) fn open_channel(&mut self) {
        let closed: Vec<usize> = (0..self.world.lanes.len())
            .filter(|place| {
                self.world
                    .lanes
                    .get(*place)
                    .is_some_and(|lane| !lane.is_open)
            })
            .collect();
        let Some(lane) = self
            .dice
            .pick(&closed)
            .and_then(|place| self.world.lanes.get_mut(*place))
        else {
            return;
        };
        *lane = Lane::new(lane.client, lane.stream);
        let (client, stream) = (lane.client, lane.stream);
        self.say(client, stream, "channel.open", Vec::new());
    }

    pub(super) fn close_channel(&mut self) {
        if let Some((client, stream)) = self.any_lane() {
            self.close(client, stream);
        }
    }

    pub(super) fn close(&mut self, client: usize, stream: u16) {
        let fields = vec![
            ("reply-code", Datum::Int(200)),
            ("reply-text", text("done")),
        ];
        self.say(client, stream, "channel.close", fields);
        self.shut(client, stream);
    }

    pub(super) fn close_connection(&mut self) {
        if let Some((client, _)) = self.any_lane() {
            let fields = vec![
                ("reply-code", Datum::Int(200)),
                ("reply-text", text("done")),
            ];
            self.say(client, 0, "connection.close", fields);
            self.world.lose(client);
        }
    }

    pub(super) fn cut(&mut self) {
        if let Some((client, _)) = self.any_lane() {
            self.moves.push(Move {
                client,
                act: Act::Cut,
            });
            self.world.lose(client);
        }
    }

    pub(super) fn wait(&mut self) {
        let waits = self
            .moves
            .last()
            .is_some_and(|it| matches!(it.act, Act::Wait(_)));
        if !waits {
            self.moves.push(Move {
                client: 0,
                act: Act::Wait(PAUSE),
            });
        }
    }

    /// A channel is closed, by either side.
    pub(super) fn shut(&mut self, client: usize, stream: u16) {
        let lanes = self.world.lanes.iter_mut();
        lanes
            .filter(|it| it.client == client && it.stream == stream)
            .for_each(Lane::shut);
    }
}
