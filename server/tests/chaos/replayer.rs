//! A thief who has copied all cookies, and tries them.

use std::thread;

use super::{CallOff, PAUSE, World, dice::Dice, record::Life};

pub struct Replayer<'a> {
    world: &'a World<'a>,
    dice: Dice,
}

impl<'a> Replayer<'a> {
    pub fn new(world: &'a World<'a>, dice: Dice) -> Self {
        Self { world, dice }
    }

    pub fn run(mut self) {
        let _stop = CallOff(self.world);
        while !self.world.nodes.tallies.is_over() {
            let node = self.dice.below(2);
            let sessions = self.world.sessions.lock().unwrap();
            let session = self.dice.one_of(&sessions).cloned();
            drop(sessions);
            match session {
                Some(session) if session.life() == Life::Ended => {
                    self.world.replay(&session, node, &mut self.dice);
                }
                Some(session) => self.world.look_in_background(&session, node),
                None => {}
            }
            thread::sleep(PAUSE);
        }
    }
}
