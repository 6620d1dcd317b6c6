//! The Devices page's list, which the browser keeps up to date.

use leptos::prelude::*;

use super::{
    board::{Board, SEARCH},
    device_item::{AskForm, DeviceItem},
    ended_devices::EndedDevices,
    question::Subject,
    revoke_dialog::RevokeDialog,
    selection::SELECTED_FORM,
    shown_device::ShownDevice,
    start::{ALL_OTHERS, SELECTED, Start},
};
use crate::{
    components::{notice::Notice, status::Status},
    live::{self, DEVICES_HEADING},
    routes,
    text::{self, Section},
    wire::device::DeviceOverview,
};

/// The list: the server renders it, and the browser takes it over, asks before it revokes, and saves names.
#[cfg_attr(any(feature = "ssr", feature = "logged-in"), island)]
#[cfg_attr(not(any(feature = "ssr", feature = "logged-in")), component)]
pub fn DeviceBoard(overview: DeviceOverview, start: Start) -> impl IntoView {
    let text = text::devices();
    // For the cards, which are rendered one by one, also later.
    text::bring(&[Section::Device, Section::Ended]);
    let only_unused = start.only_unused;
    let filter = start.filter.clone();
    let board = Board::new(overview, start, text);
    let Board {
        minutes,
        question,
        naming,
        selection,
        is_long,
        ..
    } = board;
    board.act_on_answers();
    let refresh = live::follow_devices(
        move || question.is_pending().get_untracked(),
        move |overview| board.update(overview),
    );
    naming
        .update
        .set_value(Some(Callback::new(move |()| refresh())));

    // leptos keeps an island's view for good, and empty lists let go of the cards. The signal has no owner, because the
    // owner of the others ends with the page.
    let is_over = ArcRwSignal::new(false);
    let current = empty_if(&is_over, move || board.current());
    let others = empty_if(&is_over, move || board.others());
    on_cleanup(move || is_over.set(true));
    let count = Memo::new(move |_| board.count());
    let has_unused = Memo::new(move |_| board.has_unused());
    let is_new_itself = Memo::new(move |_| board.is_new_itself());
    let hidden_count = Memo::new(move |_| board.hidden_count());

    view! {
        <Notice class="devices-stale" message=Signal::derive(move || board.is_stale.get().then(|| text.stale()))/>
        <RevokeDialog question minutes count/>
        <ul class="devices devices--this" role="list" aria-label=text.this()>
            <For each=current key=|device| device.id.clone() let:device>
                <li><DeviceItem device minutes question naming selection/></li>
            </For>
        </ul>
        <div class="devices-others">
            <h2 class="section-heading" id=DEVICES_HEADING tabindex="-1">
                {move || text.others(&count.get().to_string())}
            </h2>
            <div hidden=move || count.get() == 0>
                <AskForm
                    about=ALL_OTHERS.to_owned()
                    ask=Callback::new(move |()| question.ask(Subject::Others))
                >
                    {move || text.revoke_others(&count.get().to_string())}
                </AskForm>
            </div>
        </div>
        <p class="devices-more" hidden=move || !is_new_itself.get()>{text.new_itself()}</p>
        <div class="devices-tools" hidden=move || !is_long.get() || count.get() == 0>
            <SearchForm search=board.search only_unused/>
            <a
                class="chips__chip"
                href=filter
                aria-current=move || board.shows_unused().then_some("true")
                hidden=move || !has_unused.get()
                on:click=move |event| {
                    event.prevent_default();
                    board.toggle_unused();
                }
            >
                {text.unused()}
            </a>
            <p class="devices-found" aria-live="polite">{move || board.said_of_search()}</p>
        </div>
        <ul class="devices" role="list" aria-label=text.list()>
            <For each=others key=|device| device.id.clone() let:device>
                <li><DeviceItem device minutes question naming selection/></li>
            </For>
        </ul>
        <p class="devices-empty" hidden=move || count.get() != 0>{text.alone()}</p>
        <a
            class="button devices-all"
            href=routes::ALL_DEVICES
            hidden=move || hidden_count.get() == 0
            on:click=move |event| {
                event.prevent_default();
                board.show_all();
            }
        >
            {move || text.show_all(&hidden_count.get().to_string())}
        </a>
        <p class="devices-more" hidden=move || board.unlisted.get() == 0>
            {move || text.more(board.unlisted.get())}
        </p>
        <Floating board only_unused/>
        <EndedDevices ended=board.ended/>
    }
}

/// The field that searches the list.
#[component]
fn SearchForm(
    search: RwSignal<String>,
    /// Whether a search without script keeps the filter.
    only_unused: bool,
) -> impl IntoView {
    let text = text::devices();
    view! {
        <form
            class="devices-search"
            method="get"
            action=routes::DEVICES
            on:submit=|event| event.prevent_default()
        >
            <label class="field__label" for=SEARCH>{text.search()}</label>
            <input
                class="field__input"
                id=SEARCH
                name="search"
                type="search"
                dir="auto"
                autocomplete="off"
                value=search.get_untracked()
                on:input:target=move |event| search.set(event.target().value())
            />
            // With script the list follows what the person types.
            <button class="button devices-search__submit" type="submit">{text.search_submit()}</button>
            {only_unused.then(|| view! { <input type="hidden" name="unused"/> })}
        </form>
    }
}

/// What floats above the end of the list: the button for the ticked devices, and the messages.
#[component]
fn Floating(board: Board, only_unused: bool) -> impl IntoView {
    let show = Callback::new(move |card| board.show(card));
    view! {
        <div class="devices-said">
            <SelectedForm board only_unused/>
            <Status message=board.message.into() news=board.news.into() show/>
        </div>
    }
}

/// The button that asks whether to revoke the devices with a tick.
#[component]
fn SelectedForm(
    board: Board,
    /// Whether the question without script keeps the filter.
    only_unused: bool,
) -> impl IntoView {
    let text = text::devices();
    let selection = board.selection;
    let selected = Memo::new(move |_| selection.count());
    let search = board.search.get_untracked();
    view! {
        <form
            class="devices-selected"
            class:devices-selected--none=move || selected.get() == 0
            id=SELECTED_FORM
            method="get"
            action=routes::DEVICES
            hidden=move || !selection.is_offered.get() || (selected.get() == 0 && board.finds_nothing())
            on:submit=move |event| {
                event.prevent_default();
                board.ask_about_selected();
            }
        >
            <input type="hidden" name=SELECTED/>
            // Without script the page with the question shows the same devices.
            {(!search.is_empty()).then(|| view! { <input type="hidden" name="search" value=search/> })}
            {only_unused.then(|| view! { <input type="hidden" name="unused"/> })}
            <button class="button" type="submit">
                {move || match selected.get() {
                    // Without script nothing counts.
                    0 => text.revoke_selected().to_owned(),
                    count => [text.revoke_selected(), " (", &count.to_string(), ")"].concat(),
                }}
            </button>
        </form>
    }
}

/// A list that is empty once the page is over.
fn empty_if<L: Fn() -> Vec<ShownDevice> + Send + Sync + 'static>(
    is_over: &ArcRwSignal<bool>,
    list: L,
) -> impl Fn() -> Vec<ShownDevice> + Send + Sync + 'static + use<L> {
    let is_over = is_over.clone();
    move || if is_over.get() { Vec::new() } else { list() }
}
